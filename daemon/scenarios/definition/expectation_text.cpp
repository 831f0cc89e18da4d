#include "scenarios/definition/expectation_text.h"

#include <algorithm>
#include <string_view>

#include "records/tcp_events.h"
#include "scenarios/programs/signal_name.h"
#include "text/words.h"
#include "tracking/state_end.h"

namespace halfclosed::scenarios {

namespace {

constexpr std::string_view kLowerCase = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kDigits = "0123456789";

bool consists_of(std::string_view text, std::string_view letters) {
    return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
}

std::optional<Duration> parse_time(std::string_view text) {
    const std::size_t digits = std::min(text.find_first_not_of(kDigits), text.size());
    const auto number = text::to_number<std::uint32_t>(text.substr(0, digits));
    const std::string_view unit = text.substr(digits);
    if (!number) {
        return std::nullopt;
    }
    if (unit == "ms") {
        return std::chrono::milliseconds{*number};
    }
    if (unit == "s") {
        return std::chrono::seconds{*number};
    }
    return std::nullopt;
}

/// The one of `all` that has this name.
template <typename Range>
auto named(const Range& all, const std::string& text) {
    const auto found = std::find_if(std::begin(all), std::end(all),
                                    [&text](const auto& one) { return text == name(one); });
    return found == std::end(all) ? std::nullopt : std::optional(*found);
}

}  // namespace

std::optional<RelativeDuration> parse_span(const std::string& text) {
    std::string_view rest = text;
    RelativeDuration span;
    bool timed = false;
    for (;;) {
        const std::string_view term = text::next_word(rest);
        if (term == "fin_timeout" && !span.fin_timeout && !span.hold && !timed) {
            span.fin_timeout = true;
        } else if (term == "hold" && !span.hold && !timed) {
            span.hold = true;
        } else if (const auto time = parse_time(term); time && !timed) {
            span.fixed = *time;
            timed = true;
        } else {
            return std::nullopt;
        }
        const std::string_view plus = text::next_word(rest);
        if (plus.empty()) {
            return span;
        }
        if (plus != "+") {
            return std::nullopt;
        }
    }
}

std::optional<TcpState> parse_state(const std::string& text) {
    for (std::uint8_t number = 1; number <= 11; ++number) {
        if (text == name(TcpState{number})) {
            return TcpState{number};
        }
    }
    return std::nullopt;
}

std::optional<Side> parse_side(const std::string& text) {
    return named(tracking::kSides, text);
}

std::optional<bool> parse_evidence(const std::string& text) {
    if (text == "seen") {
        return false;
    }
    return text == "seen or implied" ? std::optional(true) : std::nullopt;
}

std::optional<ExpectedCall> parse_call_text(const std::string& text) {
    std::string_view rest = text;
    ExpectedCall call;
    call.name = text::next_word(rest);
    if (!consists_of(call.name, kLowerCase)) {
        return std::nullopt;
    }
    const std::string_view equals = text::next_word(rest);
    if (equals.empty()) {
        return call;
    }
    call.result = text::to_number<std::int64_t>(text::next_word(rest));
    call.error = text::next_word(rest);
    const bool failed = call.result == -1;
    if (equals != "=" || !call.result || failed == call.error.empty() ||
        !text::next_word(rest).empty()) {
        return std::nullopt;
    }
    return call;
}

std::optional<CallReference> parse_call_reference(const std::string& text) {
    std::string_view rest = text;
    const auto side = parse_side(std::string(text::next_word(rest)));
    const std::string call(text::next_word(rest));
    const std::string_view ordinal = text::next_word(rest);
    const auto nth =
        ordinal.empty() ? std::optional<std::uint64_t>(1) : text::to_number<std::uint64_t>(ordinal);
    if (!side || !consists_of(call, kLowerCase) || !nth || *nth == 0 ||
        !text::next_word(rest).empty()) {
        return std::nullopt;
    }
    return CallReference{*side, call, *nth};
}

std::optional<std::optional<Exit>> parse_exit(const std::string& text) {
    if (text == "runs on") {
        return std::optional<Exit>();
    }
    if (const auto signal = programs::signal_number(text)) {
        return Exit{true, *signal};
    }
    std::string_view rest = text;
    const std::string_view word = text::next_word(rest);
    const auto status = text::to_number<std::uint8_t>(text::next_word(rest));
    if (word != "exit" || !status || !text::next_word(rest).empty()) {
        return std::nullopt;
    }
    return Exit{false, *status};
}

std::optional<tracking::Custody> parse_custody(const std::string& text) {
    return named(tracking::kCustodies, text);
}

std::optional<std::string> parse_fin_wait2_end(const std::string& text) {
    const auto end = named(tracking::kFinWait2Ends, text);
    return end && *end != tracking::FinWait2End::unknown ? std::optional(text) : std::nullopt;
}

std::optional<std::string> parse_name(const std::string& text) {
    const std::string letters = std::string(kLowerCase) + std::string(kDigits) + "-";
    const bool valid = consists_of(text, letters) && text.front() != '-' && text.size() <= 64;
    return valid ? std::optional(text) : std::nullopt;
}

bool is_judged_event(const std::string& text) {
    return text != "TW" && text != "TWKilled" &&
           std::any_of(kTcpEvents.begin(), kTcpEvents.end(),
                       [&text](const TcpEvent& event) { return text == event.name; });
}

bool is_sysctl_name(const std::string& text) {
    constexpr std::string_view kPrefix = "net.ipv4.";
    return text.starts_with(kPrefix) &&
           consists_of(std::string_view(text).substr(kPrefix.size()),
                       std::string(kLowerCase) + std::string(kDigits) + "_");
}

}  // namespace halfclosed::scenarios
