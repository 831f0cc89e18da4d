#include "scenarios/packetdrill/segment.h"

#include <fmt/format.h>

namespace halfclosed::scenarios::packetdrill {

namespace {

std::string to_string(const TcpOption& option) {
    const auto number = [&option](std::size_t place) {
        return place < option.numbers.size() ? option.numbers[place] : 0;
    };
    switch (option.kind) {
        case TcpOption::Kind::end:
            return "eol";
        case TcpOption::Kind::nop:
            return "nop";
        case TcpOption::Kind::mss:
            return fmt::format("mss {}", number(0));
        case TcpOption::Kind::window_scale:
            return fmt::format("wscale {}", number(0));
        case TcpOption::Kind::sack_permitted:
            return "sackOK";
        case TcpOption::Kind::timestamps:
            return fmt::format("TS val {} ecr {}", number(0), number(1));
        case TcpOption::Kind::sack: {
            std::string text = "sack";
            for (std::size_t place = 0; place + 1 < option.numbers.size(); place += 2) {
                text += fmt::format(" {}:{}", number(place), number(place + 1));
            }
            return text;
        }
    }
    return fmt::format("option {}", static_cast<unsigned>(option.kind));
}

}  // namespace

std::string to_string(const Segment& segment) {
    std::string text =
        fmt::format("{} {}:{}({})", segment.flags.empty() ? "-" : segment.flags, segment.sequence,
                    segment.sequence + segment.length, segment.length);
    if (segment.acknowledgement) {
        text += fmt::format(" ack {}", *segment.acknowledgement);
    }
    if (segment.window) {
        text += fmt::format(" win {}", *segment.window);
    }
    if (!segment.options) {
        return text + " <...>";
    }
    if (segment.options->empty()) {
        return text;
    }
    std::string options;
    for (const TcpOption& option : *segment.options) {
        options += (options.empty() ? "" : ",") + to_string(option);
    }
    return text + " <" + options + ">";
}

bool matches(const Segment& expected, const Segment& sent, const Strictness& strictness) {
    if (expected.flags != sent.flags || expected.sequence != sent.sequence ||
        expected.length != sent.length || expected.acknowledgement != sent.acknowledgement) {
        return false;
    }
    if (!strictness.windows_and_options) {
        return true;
    }
    return (!expected.window || expected.window == sent.window) &&
           (!expected.options || expected.options == sent.options);
}

}  // namespace halfclosed::scenarios::packetdrill
