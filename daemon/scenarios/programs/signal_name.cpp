#include "scenarios/programs/signal_name.h"

#include <csignal>
#include <cstring>

namespace halfclosed::programs {

std::optional<int> signal_number(std::string_view name) {
    if (name.starts_with("SIG")) {
        name.remove_prefix(3);
    }
    for (int number = 1; number < NSIG; ++number) {
        const char* const known = sigabbrev_np(number);
        if (known != nullptr && name == known) {
            return number;
        }
    }
    return std::nullopt;
}

std::string signal_name(int number) {
    const char* const known = sigabbrev_np(number);
    return known != nullptr ? std::string("SIG") + known : "signal " + std::to_string(number);
}

}  // namespace halfclosed::programs
