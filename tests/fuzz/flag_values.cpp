// Any text as the value of a flag, a query parameter or a line of a configuration: a value, or std::invalid_argument.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "attempt.h"
#include "cli/logging.h"
#include "cli/options.h"
#include "exporters/http/allowed_hosts.h"
#include "exporters/http/snapshot_access.h"
#include "exporters/snapshot/snapshot_query.h"
#include "http/listener.h"
#include "http/unix_listener.h"
#include "scenarios/definition/relative_duration.h"
#include "text/hex.h"
#include "text/moment.h"
#include "text/percent.h"
#include "text/size.h"
#include "text/time.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace halfclosed;
    using Error = std::invalid_argument;
    const std::string text(reinterpret_cast<const char*>(data), size);
    attempt<Error>([&] { text::parse_duration(text); });
    attempt<Error>([&] {
        text::parse_moment(text,
                           std::chrono::system_clock::time_point{std::chrono::hours{500'000}});
    });
    attempt<Error>([&] { text::parse_size(text); });
    attempt<Error>([&] { text::parse_cookie(text); });
    attempt<Error>([&] { text::percent_decoded(text); });
    attempt<Error>([&] { parse_cpu_share(text); });
    attempt<Error>([&] { parse_port_range(text); });
    attempt<Error>([&] { parse_namespaces(text); });
    attempt<Error>([&] { parse_color(text); });
    attempt<Error>([&] { parse_log_level(text); });
    attempt<Error>([&] { parse_log_format(text); });
    attempt<Error>([&] { exporters::parse_host_name(text); });
    attempt<Error>([&] { exporters::parse_snapshot_access(text); });
    attempt<Error>([&] { exporters::parse_limit(text); });
    attempt<Error>([&] { exporters::parse_socket_order(text); });
    attempt<Error>([&] { exporters::parse_group_by(text); });
    attempt<Error>([&] { exporters::parse_half_closed_state(text); });
    attempt<Error>([&] { exporters::parse_cause(text); });
    attempt<Error>([&] { http::parse_listen_address(text); });
    attempt<Error>([&] { http::parse_socket_path(text); });
    attempt<Error>([&] { scenarios::parse_fin_timeout(text); });
    attempt<Error>([&] { scenarios::parse_hold(text); });
    return 0;
}
