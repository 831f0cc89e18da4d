// Any text in place of what the kernel says of a network namespace: /proc/net/sockstat, sockstat6, netstat and snmp, and a
// sysctl. Each reader returns values or throws posix::Error.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "host/netstat.h"
#include "host/sockstat.h"
#include "host/sysctl.h"
#include "posix/error.h"

namespace {

template <typename Parse>
void attempt(Parse parse) {
    try {
        parse();
    } catch (const halfclosed::posix::Error&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    attempt([&] { halfclosed::host::parse_sockstat(text); });
    attempt([&] { halfclosed::host::parse_sockstat6(text); });
    attempt([&] { halfclosed::host::tcp_events(halfclosed::host::parse_counters(text)); });
    attempt([&] { halfclosed::host::parse_sysctl(text, "tcp_fin_timeout"); });
    return 0;
}
