#include "scenarios/programs/script.h"

#include <algorithm>
#include <array>

#include "scenarios/programs/signal_name.h"
#include "text/words.h"

namespace halfclosed::programs {

namespace {

using Kind = Action::Kind;

/// What follows the words of a step.
enum class Operand : std::uint8_t { none, bytes, milliseconds, seconds, signal, status };

/// The words of a step.
struct Form {
    std::string_view words;
    Kind kind;
    Operand operand;
};

/// A form stands before those that begin with its words.
constexpr std::array kForms{
    Form{"accept", Kind::accept, Operand::none},
    Form{"connect", Kind::connect, Operand::none},
    Form{"read to end", Kind::read_to_end, Operand::none},
    Form{"read", Kind::read, Operand::none},
    Form{"write", Kind::write, Operand::bytes},
    Form{"shutdown write", Kind::shut_down_write, Operand::none},
    Form{"close", Kind::close, Operand::none},
    Form{"sleep", Kind::sleep, Operand::milliseconds},
    Form{"wait", Kind::wait, Operand::signal},
    Form{"await reset", Kind::await_reset, Operand::none},
    Form{"pause", Kind::pause, Operand::none},
    Form{"set receive buffer", Kind::receive_buffer, Operand::bytes},
    Form{"linger", Kind::linger, Operand::seconds},
    Form{"drop incoming", Kind::drop_incoming, Operand::none},
    Form{"drop nothing", Kind::drop_nothing, Operand::none},
    Form{"exit", Kind::exit, Operand::status},
};

/// A write of more would only fill this machine's memory.
constexpr std::uint64_t kMostBytes = 64U << 20U;
constexpr std::uint64_t kLongestSleep = 24ULL * 60 * 60 * 1000;
constexpr std::uint64_t kLongestLinger = 3600;

/// A unit behind a number, and how many of the smallest it is.
struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

/// "64KB" with {"KB", 1024} is 65536; nothing beyond `most`.
template <std::size_t Count>
std::optional<std::uint64_t> quantity(std::string_view text, const std::array<Unit, Count>& units,
                                      std::uint64_t most) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = text::to_number<std::uint32_t>(text.substr(0, digits));
    for (const Unit& unit : units) {
        if (number && text.substr(digits) == unit.name && *number * unit.factor <= most) {
            return *number * unit.factor;
        }
    }
    return std::nullopt;
}

std::optional<std::uint64_t> parse_operand(Operand operand, std::string_view text) {
    constexpr std::array kBytes{Unit{"", 1}, Unit{"KB", 1024}, Unit{"MB", 1U << 20U}};
    constexpr std::array kTimes{Unit{"ms", 1}, Unit{"s", 1000}};
    constexpr std::array kPlain{Unit{"", 1}};
    switch (operand) {
        case Operand::none:
            return text.empty() ? std::optional<std::uint64_t>(0) : std::nullopt;
        case Operand::bytes:
            return quantity(text, kBytes, kMostBytes);
        case Operand::milliseconds:
            return quantity(text, kTimes, kLongestSleep);
        case Operand::seconds:
            return quantity(text, kPlain, kLongestLinger);
        case Operand::status:
            return quantity(text, kPlain, 255);
        case Operand::signal:
            if (const auto number = signal_number(text)) {
                return static_cast<std::uint64_t>(*number);
            }
            return std::nullopt;
    }
    return std::nullopt;
}

const char* placeholder(Operand operand) {
    switch (operand) {
        case Operand::none:
            return "";
        case Operand::bytes:
            return " BYTES";
        case Operand::milliseconds:
            return " TIME";
        case Operand::seconds:
            return " SECONDS";
        case Operand::signal:
            return " SIGNAL";
        case Operand::status:
            return " STATUS";
    }
    return "";
}

std::string_view words_of(Kind kind) {
    for (const Form& form : kForms) {
        if (form.kind == kind) {
            return form.words;
        }
    }
    return "";
}

/// Whether an action is one on the connection, which must then be there.
bool needs_connection(Kind kind) {
    switch (kind) {
        case Kind::read:
        case Kind::read_to_end:
        case Kind::write:
        case Kind::shut_down_write:
        case Kind::close:
        case Kind::await_reset:
        case Kind::drop_incoming:
        case Kind::drop_nothing:
            return true;
        default:
            return false;
    }
}

}  // namespace

std::optional<Action> parse_action(std::string_view text) {
    for (const Form& form : kForms) {
        if (!text.starts_with(form.words)) {
            continue;
        }
        std::string_view rest = text.substr(form.words.size());
        if (!rest.empty() && rest.front() == ' ') {
            rest.remove_prefix(1);
        } else if (!rest.empty()) {
            continue;
        }
        if (const auto operand = parse_operand(form.operand, rest)) {
            return Action{form.kind, *operand};
        }
    }
    return std::nullopt;
}

std::string known_actions() {
    std::string list;
    for (const Form& form : kForms) {
        list.append(list.empty() ? "" : ", ").append(form.words).append(placeholder(form.operand));
    }
    return list;
}

std::string flaw_of(const Script& script, Role role) {
    const Kind opening = role == Role::server ? Kind::accept : Kind::connect;
    const Kind foreign = role == Role::server ? Kind::connect : Kind::accept;
    bool connected = false;
    bool opened = false;
    for (const Action& action : script) {
        const std::string words(words_of(action.kind));
        if (action.kind == foreign) {
            return "'" + words + "' is for the " + (role == Role::server ? "client" : "server");
        }
        if (action.kind == opening && (connected || (opened && role == Role::client))) {
            return "'" + words + "' comes a second time";
        }
        if (needs_connection(action.kind) && !connected) {
            return "'" + words + "' comes before '" + std::string(words_of(opening)) + "'";
        }
        opened = opened || action.kind == opening;
        connected = (connected || action.kind == opening) && action.kind != Kind::close;
    }
    return {};
}

}  // namespace halfclosed::programs
