#include "scenarios/programs/call.h"

#include <cstring>

#include "text/words.h"

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
    const std::string_view name = text::next_word(line);
    const auto result = text::to_number<std::int64_t>(text::next_word(line));
    const auto error = text::to_number<int>(text::next_word(line));
    const auto began = text::to_number<std::int64_t>(text::next_word(line));
    const auto ended = text::to_number<std::int64_t>(text::next_word(line));
    if (name.empty() || !result || !error || !began || !ended || !text::next_word(line).empty()) {
        return std::nullopt;
    }
    return Call{std::string(name), *result, *error, std::chrono::nanoseconds{*began},
                std::chrono::nanoseconds{*ended}};
}

}  // namespace halfclosed::programs
