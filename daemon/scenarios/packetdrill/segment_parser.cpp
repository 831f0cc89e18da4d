#include <fmt/format.h>

#include <array>

#include "scenarios/packetdrill/script_parser.h"

namespace halfclosed::scenarios::packetdrill {

namespace {

/// An option list of a TCP header has 40 bytes at most (RFC 9293 section 3.1), and no option is shorter than one.
constexpr std::size_t kMostOptions = 40;
/// More than any segment that a device with an MTU of 64 KiB could carry.
constexpr std::uint32_t kLongest = 1U << 30U;

std::uint32_t bounded(Cursor& cursor, std::uint32_t most) {
    const std::uint32_t number = cursor.number32();
    if (number > most) {
        cursor.fail(fmt::format("{} is more than {}", number, most));
    }
    return number;
}

TcpOption parse_timestamps(Cursor& cursor) {
    TcpOption option{TcpOption::Kind::timestamps, {}};
    cursor.expect("val");
    option.numbers.push_back(cursor.number32());
    cursor.expect("ecr");
    option.numbers.push_back(cursor.number32());
    return option;
}

TcpOption parse_sack(Cursor& cursor) {
    TcpOption option{TcpOption::Kind::sack, {}};
    while (cursor.peek() >= '0' && cursor.peek() <= '9') {
        option.numbers.push_back(cursor.number32());
        cursor.expect(":");
        option.numbers.push_back(cursor.number32());
    }
    return option;
}

TcpOption parse_option(Cursor& cursor) {
    const std::size_t line = cursor.line();
    const std::string name = cursor.word();
    if (name == "mss") {
        return {TcpOption::Kind::mss, {bounded(cursor, 0xffff)}};
    }
    if (name == "wscale") {
        return {TcpOption::Kind::window_scale, {bounded(cursor, 0xff)}};
    }
    if (name == "nop") {
        return {TcpOption::Kind::nop, {}};
    }
    if (name == "eol") {
        return {TcpOption::Kind::end, {}};
    }
    if (name == "sackOK") {
        return {TcpOption::Kind::sack_permitted, {}};
    }
    if (name == "TS") {
        return parse_timestamps(cursor);
    }
    if (name == "sack") {
        return parse_sack(cursor);
    }
    if (name.empty()) {
        cursor.fail("the name of a TCP option is expected");
    }
    throw NotSupportedError(line, "the TCP option " + name);
}

std::optional<std::vector<TcpOption>> parse_options(Cursor& cursor) {
    if (cursor.take("...")) {
        cursor.expect(">");
        return std::nullopt;
    }
    std::vector<TcpOption> options;
    while (!cursor.take(">")) {
        if (!options.empty()) {
            cursor.expect(",");
        }
        options.push_back(parse_option(cursor));
        if (options.size() > kMostOptions) {
            cursor.fail("more options than a header can have");
        }
    }
    return options;
}

/// What stands before the flags of a segment that is more than plain TCP.
void refuse_other_packets(Cursor& cursor) {
    constexpr std::array kOthers = {"icmp", "udp", "ipv4", "ipv6", "gre",
                                    "mpls", "raw", "psp",  "sctp"};
    const std::size_t line = cursor.line();
    if (cursor.peek() == '[' || cursor.peek() == '(') {
        throw NotSupportedError(line, "fields of the IP header");
    }
    const std::string word = cursor.peek_word();
    for (const char* const other : kOthers) {
        if (word == other) {
            throw NotSupportedError(line, std::string("packets of ") + other);
        }
    }
    if (!word.empty() && (word.front() < 'A' || word.front() > 'Z')) {
        throw NotSupportedError(line, "segments with addresses");
    }
}

}  // namespace

Segment parse_segment(Cursor& cursor) {
    refuse_other_packets(cursor);
    Segment segment;
    segment.flags = cursor.flags();
    if (segment.flags.empty() && !cursor.take("-")) {
        cursor.fail("the flags of a segment are expected: of S, F, R, P, U, E, W and '.', or '-'");
    }
    segment.sequence = cursor.number32();
    cursor.expect(":");
    const std::uint32_t end = cursor.number32();
    cursor.expect("(");
    segment.length = bounded(cursor, kLongest);
    cursor.expect(")");
    if (segment.sequence + segment.length != end) {
        cursor.fail(fmt::format("{}:{} are not {} bytes", segment.sequence, end, segment.length));
    }
    if (cursor.take("ack")) {
        segment.acknowledgement = cursor.number32();
    }
    if (segment.has('.') != segment.acknowledgement.has_value()) {
        cursor.fail("the flag '.' and \"ack N\" go together");
    }
    if (cursor.take("win")) {
        segment.window = static_cast<std::uint16_t>(bounded(cursor, 0xffff));
    }
    if (cursor.peek_word() == "urg") {
        throw NotSupportedError(cursor.line(), "urgent data");
    }
    if (cursor.take("<")) {
        segment.options = parse_options(cursor);
    }
    return segment;
}

}  // namespace halfclosed::scenarios::packetdrill
