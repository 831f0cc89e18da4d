// Any text in place of what the kernel says of a network namespace: /proc/net/sockstat, sockstat6, netstat and snmp, and a
// sysctl. Each reader returns values or throws posix::Error.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "attempt.h"
#include "host/netstat.h"
#include "host/sockstat.h"
#include "host/sysctl.h"
#include "posix/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using Error = halfclosed::posix::Error;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    attempt<Error>([&] { halfclosed::host::parse_sockstat(text); });
    attempt<Error>([&] { halfclosed::host::parse_sockstat6(text); });
    attempt<Error>([&] { halfclosed::host::tcp_events(halfclosed::host::parse_counters(text)); });
    attempt<Error>([&] { halfclosed::host::parse_tcp_counts(text); });
    attempt<Error>([&] { halfclosed::host::has_mptcp_counts(text); });
    attempt<Error>([&] { halfclosed::host::parse_sysctl(text, "tcp_fin_timeout"); });
    return 0;
}
