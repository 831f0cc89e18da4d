// Any bytes in place of the kernel's: read_recording() takes them for a stream of netlink datagrams. It returns
// sockets or throws Error; it never reads past the bytes.

#include <cstddef>
#include <cstdint>
#include <span>

#include "netlink/error.h"
#include "netlink/recording.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        halfclosed::netlink::read_recording(std::as_bytes(std::span(data, size)), "fuzz");
    } catch (const halfclosed::netlink::Error&) {
    }
    return 0;
}
