#include "exact/object.h"

#include <cstdint>

namespace halfclosed::exact {

namespace {

alignas(8) constexpr std::uint8_t kObject[] = {
#include HALFCLOSED_BPF_OBJECT  // made by bpf/compile
};

}  // namespace

std::span<const std::byte> object() {
    return std::as_bytes(std::span(kObject));
}

}  // namespace halfclosed::exact
