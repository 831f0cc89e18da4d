#include "text/size.h"

#include <charconv>
#include <limits>
#include <stdexcept>
#include <string_view>

namespace halfclosed::text {

std::uint64_t parse_size(const std::string& text) {
    struct Unit {
        std::string_view name;
        std::uint64_t bytes;
    };
    static constexpr Unit kUnits[] = {{"", 1},
                                      {"B", 1},
                                      {"kB", 1'000},
                                      {"KB", 1'000},
                                      {"MB", 1'000'000},
                                      {"GB", 1'000'000'000},
                                      {"KiB", 1ULL << 10U},
                                      {"MiB", 1ULL << 20U},
                                      {"GiB", 1ULL << 30U}};
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
    for (const Unit& each : kUnits) {
        if (error == std::errc{} && stop != text.data() && unit == each.name &&
            number <= std::numeric_limits<std::uint64_t>::max() / each.bytes) {
            return number * each.bytes;
        }
    }
    throw std::invalid_argument("'" + text + "' is no size (64MB, 1GB, 64MiB)");
}

}  // namespace halfclosed::text
