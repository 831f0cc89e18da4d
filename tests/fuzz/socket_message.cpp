// Any bytes in place of one struct inet_diag_msg with its attributes, of TCP and of MPTCP: a socket, or
// netlink::Error.

#include <cstddef>
#include <cstdint>
#include <span>

#include "attempt.h"
#include "netlink/decode.h"
#include "netlink/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace halfclosed;
    const auto payload = std::as_bytes(std::span(data, size));
    attempt<netlink::Error>([&] { netlink::decode(payload, Protocol::tcp); });
    attempt<netlink::Error>([&] { netlink::decode(payload, Protocol::mptcp); });
    return 0;
}
