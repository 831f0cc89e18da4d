// Any text as the value of a flag, a query parameter or a line of a configuration: a value, or std::invalid_argument.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "attempt.h"
#include "cli/options.h"
#include "exporters/http/allowed_hosts.h"
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
    attempt<Error>([&] { exporters::parse_host_name(text); });
    return 0;
}
