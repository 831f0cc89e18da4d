#include "posix/host_name.h"

#include <unistd.h>

#include <array>

namespace halfclosed::posix {

std::string host_name() {
    std::array<char, 256> name{};  // HOST_NAME_MAX is 64, POSIX allows 255
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace halfclosed::posix
