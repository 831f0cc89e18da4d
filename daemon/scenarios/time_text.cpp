#include "scenarios/time_text.h"

#include <array>
#include <cstdio>

namespace halfclosed::scenarios {

std::string time_text(tracking::Duration time) {
    const double milliseconds = std::chrono::duration<double, std::milli>(time).count();
    std::array<char, 32> text{};
    if (time > tracking::Duration{0} && milliseconds < 0.0995) {
        std::snprintf(text.data(), text.size(), "%.0f us", milliseconds * 1000);
    } else if (milliseconds < 999.95) {
        std::snprintf(text.data(), text.size(), "%.1f ms", milliseconds);
    } else if (milliseconds < 999'999.5) {
        std::snprintf(text.data(), text.size(), "%.3f s", milliseconds / 1000);
    } else if (milliseconds < 360'000'000) {
        std::snprintf(text.data(), text.size(), "%.0f s", milliseconds / 1000);
    } else {
        std::snprintf(text.data(), text.size(), "%.0f h", milliseconds / 3'600'000);
    }
    return text.data();
}

}  // namespace halfclosed::scenarios
