// Any text as the value of a flag, a query parameter or a line of a configuration: a value, or std::invalid_argument.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "cli/options.h"
#include "exporters/http/allowed_hosts.h"
#include "text/hex.h"
#include "text/moment.h"
#include "text/percent.h"
#include "text/size.h"
#include "text/time.h"

namespace {

template <typename Parse>
void attempt(Parse parse) {
    try {
        parse();
    } catch (const std::invalid_argument&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace halfclosed;
    const std::string text(reinterpret_cast<const char*>(data), size);
    attempt([&] { text::parse_duration(text); });
    attempt([&] {
        text::parse_moment(text,
                           std::chrono::system_clock::time_point{std::chrono::hours{500'000}});
    });
    attempt([&] { text::parse_size(text); });
    attempt([&] { text::parse_cookie(text); });
    attempt([&] { text::percent_decoded(text); });
    attempt([&] { parse_cpu_share(text); });
    attempt([&] { parse_port_range(text); });
    attempt([&] { exporters::parse_host_name(text); });
    return 0;
}
