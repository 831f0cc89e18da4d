#include "scenarios/packetdrill/assertion.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "records/tcp_state.h"

namespace halfclosed::scenarios::packetdrill {

namespace {

using Relation = Assertion::Relation;

/// Longer ones first: "<=" is not "<".
constexpr std::pair<std::string_view, Relation> kRelations[] = {
    {"==", Relation::equal},    {"!=", Relation::unequal}, {"<=", Relation::at_most},
    {">=", Relation::at_least}, {"<", Relation::less},     {">", Relation::greater}};

/// Linux' names after TCP_, and FreeBSD's after TCPI_.
constexpr std::pair<std::string_view, TcpState> kStateNames[] = {
    {"ESTABLISHED", TcpState::established},
    {"SYN_SENT", TcpState::syn_sent},
    {"SYN_RECV", TcpState::syn_recv},
    {"SYN_RECEIVED", TcpState::syn_recv},
    {"FIN_WAIT1", TcpState::fin_wait1},
    {"FIN_WAIT_1", TcpState::fin_wait1},
    {"FIN_WAIT2", TcpState::fin_wait2},
    {"FIN_WAIT_2", TcpState::fin_wait2},
    {"TIME_WAIT", TcpState::time_wait},
    {"CLOSE", TcpState::close},
    {"CLOSED", TcpState::close},
    {"CLOSE_WAIT", TcpState::close_wait},
    {"LAST_ACK", TcpState::last_ack},
    {"LISTEN", TcpState::listen},
    {"CLOSING", TcpState::closing}};

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n\\()");
    const std::size_t end = text.find_last_not_of(" \t\r\n\\()");
    return begin == std::string_view::npos ? "" : text.substr(begin, end - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, std::string_view by) {
    std::vector<std::string_view> parts;
    for (std::size_t end = text.find(by); end != std::string_view::npos; end = text.find(by)) {
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end + by.size());
    }
    parts.push_back(text);
    return parts;
}

std::optional<std::int64_t> number_or_state(std::string_view text) {
    for (const std::string_view prefix : {"TCPI_", "TCP_"}) {
        for (const auto& [name, state] : kStateNames) {
            if (text.starts_with(prefix) && text.substr(prefix.size()) == name) {
                return static_cast<std::int64_t>(state);
            }
        }
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
}

Relation mirrored(Relation relation) {
    switch (relation) {
        case Relation::less:
            return Relation::greater;
        case Relation::at_most:
            return Relation::at_least;
        case Relation::greater:
            return Relation::less;
        case Relation::at_least:
            return Relation::at_most;
        case Relation::equal:
        case Relation::unequal:
            break;
    }
    return relation;
}

/// What stands left of the next relation, and that; taken off the text.
std::pair<std::string_view, std::optional<Relation>> next_term(std::string_view& text) {
    const std::size_t place = text.find_first_of("=!<>");
    if (place != std::string_view::npos) {
        for (const auto& [sign, relation] : kRelations) {
            if (text.substr(place).starts_with(sign)) {
                const std::string_view term = trimmed(text.substr(0, place));
                text.remove_prefix(place + sign.size());
                return {term, relation};
            }
        }
    }
    return {trimmed(std::exchange(text, {})), std::nullopt};
}

bool add_comparison(std::string_view text, std::vector<Assertion>& assertions) {
    auto [left, relation] = next_term(text);
    bool any = false;
    while (relation) {
        const auto [right, next] = next_term(text);
        if (left.starts_with("tcpi_") && number_or_state(right)) {
            assertions.push_back({std::string(left), *relation, *number_or_state(right)});
        } else if (right.starts_with("tcpi_") && number_or_state(left)) {
            assertions.push_back({std::string(right), mirrored(*relation), *number_or_state(left)});
        } else {
            return false;
        }
        any = true;
        left = right;
        relation = next;
    }
    return any;
}

}  // namespace

std::vector<Assertion> parse_assertions(std::string_view code, std::size_t line) {
    constexpr std::string_view kAssert = "assert";
    std::vector<Assertion> assertions;
    std::string separated(code);
    for (char& character : separated) {
        character = character == '\n' ? ';' : character;
    }
    for (std::string_view statement : split(separated, ";")) {
        statement = trimmed(statement);
        if (statement.empty() || statement.starts_with('#')) {
            continue;
        }
        if (!statement.starts_with(kAssert)) {
            throw NotSupportedError(line, fmt::format("the code \"{}\"", statement));
        }
        const std::string_view condition = split(statement.substr(kAssert.size()), ",").front();
        for (const std::string_view comparison : split(condition, " and ")) {
            if (!add_comparison(comparison, assertions)) {
                throw NotSupportedError(line, fmt::format("the code \"{}\"", statement));
            }
        }
    }
    return assertions;
}

bool holds(const Assertion& assertion, std::int64_t actual) {
    switch (assertion.relation) {
        case Relation::equal:
            return actual == assertion.number;
        case Relation::unequal:
            return actual != assertion.number;
        case Relation::less:
            return actual < assertion.number;
        case Relation::at_most:
            return actual <= assertion.number;
        case Relation::greater:
            return actual > assertion.number;
        case Relation::at_least:
            return actual >= assertion.number;
    }
    return false;
}

std::string to_string(const Assertion& assertion) {
    for (const auto& [sign, relation] : kRelations) {
        if (relation == assertion.relation) {
            return fmt::format("{} {} {}", assertion.member, sign, assertion.number);
        }
    }
    return assertion.member;
}

}  // namespace halfclosed::scenarios::packetdrill
