#include "programs/call.h"

#include <cstring>

#include "host/lines.h"

namespace halfclosed::programs {

std::string errno_name(int error) {
    const char* const name = strerrorname_np(error);
    return name != nullptr ? name : "errno " + std::to_string(error);
}

std::string to_string(const Call& call) {
    std::string text = call.name + "() = " + std::to_string(call.result);
    if (call.error != 0) {
        text.append(" ").append(errno_name(call.error));
    }
    return text;
}

std::string to_line(const Call& call) {
    return call.name + ' ' + std::to_string(call.result) + ' ' + std::to_string(call.error) + ' ' +
           std::to_string(call.began.count()) + ' ' + std::to_string(call.ended.count()) + '\n';
}

std::optional<Call> parse_call(std::string_view line) {
    const std::string_view name = host::next_word(line);
    const auto result = host::to_number<std::int64_t>(host::next_word(line));
    const auto error = host::to_number<int>(host::next_word(line));
    const auto began = host::to_number<std::int64_t>(host::next_word(line));
    const auto ended = host::to_number<std::int64_t>(host::next_word(line));
    if (name.empty() || !result || !error || !began || !ended || !host::next_word(line).empty()) {
        return std::nullopt;
    }
    return Call{std::string(name), *result, *error, std::chrono::nanoseconds{*began},
                std::chrono::nanoseconds{*ended}};
}

}  // namespace halfclosed::programs
