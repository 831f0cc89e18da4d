#include "host/interface_names.h"

#include <net/if.h>

#include <array>

namespace halfclosed::host {

std::optional<std::string> interface_name(std::uint32_t index) {
    std::array<char, IF_NAMESIZE> name{};
    if (if_indextoname(index, name.data()) == nullptr) {
        return std::nullopt;
    }
    return name.data();
}

}  // namespace halfclosed::host
