#include "ground/second_opinion.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace halfclosed::ground {

namespace {

/// misc/ss.c: sstate_name.
const char* ss_name(TcpState state) {
    switch (state) {
        case TcpState::established:
            return "ESTAB";
        case TcpState::syn_sent:
            return "SYN-SENT";
        case TcpState::syn_recv:
            return "SYN-RECV";
        case TcpState::fin_wait1:
            return "FIN-WAIT-1";
        case TcpState::fin_wait2:
            return "FIN-WAIT-2";
        case TcpState::time_wait:
            return "TIME-WAIT";
        case TcpState::close:
            return "UNCONN";
        case TcpState::close_wait:
            return "CLOSE-WAIT";
        case TcpState::last_ack:
            return "LAST-ACK";
        case TcpState::listen:
            return "LISTEN";
        case TcpState::closing:
            return "CLOSING";
        case TcpState::new_syn_recv:
        case TcpState::bound_inactive:
            break;
    }
    return "UNKNOWN";
}

const char* ss_name(Timer::Kind timer) {
    switch (timer) {
        case Timer::Kind::none:
            return "";
        case Timer::Kind::retransmit:
            return "on";
        case Timer::Kind::keepalive:
            return "keepalive";
        case Timer::Kind::timewait:
            return "timewait";
        case Timer::Kind::probe:
            return "persist";
    }
    return "unknown";
}

std::string endpoint(const SocketRecord& record, const Endpoint& end) {
    const std::string port = end.port == 0 ? "*" : std::to_string(end.port);
    // What listens on any address of both families is neither 0.0.0.0 nor [::]. One that is bound to an IPv6 address
    // is of that family alone, and so is its peer.
    if (record.family == Family::ipv6 && record.local.address.is_any()) {
        return "*:" + port;
    }
    return record.family == Family::ipv4 ? to_string(end.address) + ":" + port
                                         : "[" + to_string(end.address) + "]:" + port;
}

template <typename Number>
Number number(std::string_view text, int base = 10) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw std::runtime_error("ss: not a number: " + std::string(text));
    }
    return value;
}

/// misc/ss.c: " %c-%c", an end of the arrow is missing where that direction is shut down.
std::optional<std::uint8_t> arrow(std::string_view text) {
    if (text.size() != 3 || text[1] != '-') {
        return std::nullopt;
    }
    return static_cast<std::uint8_t>((text[0] == '-' ? 1 : 0) | (text[2] == '-' ? 2 : 0));
}

Line parse_line(const std::string& text) {
    std::istringstream words(text);
    Line line;
    if (!(words >> line.state >> line.recv_queue >> line.send_queue >> line.local >> line.remote)) {
        throw std::runtime_error("not a line of ss: " + text);
    }
    for (std::string word; words >> word;) {
        const std::size_t colon = word.find(':');
        const std::string key = word.substr(0, colon);
        const std::string value = colon == std::string::npos ? "" : word.substr(colon + 1);
        if (key == "timer") {
            line.timer = value.substr(1, value.find(',') - 1);
        } else if (key == "uid") {
            line.uid = number<std::uint32_t>(value);
        } else if (key == "ino") {
            line.inode = number<std::uint32_t>(value);
        } else if (key == "sk") {
            line.cookie = number<std::uint64_t>(value, 16);
        } else if (key == "cgroup") {
            line.has_cgroup = true;
        } else if (const auto shutdown = arrow(word)) {
            line.shutdown = shutdown;
        }
    }
    return line;
}

}  // namespace

std::string to_string(const Line& line) {
    return line.state + " " + std::to_string(line.recv_queue) + " " +
           std::to_string(line.send_queue) + " " + line.local + " " + line.remote + " timer " +
           line.timer + " uid " + std::to_string(line.uid) + " inode " +
           std::to_string(line.inode) + " cookie " + std::to_string(line.cookie) + " shutdown " +
           (line.shutdown ? std::to_string(*line.shutdown) : "-") +
           (line.has_cgroup ? " cgroup" : "");
}

std::vector<Line> parse_ss(std::string_view text) {
    std::istringstream lines{std::string(text)};
    std::vector<Line> result;
    for (std::string line; std::getline(lines, line);) {
        result.push_back(parse_line(line));
    }
    std::sort(result.begin(), result.end());
    return result;
}

std::vector<Line> as_ss_writes(const std::vector<SocketRecord>& records) {
    std::vector<Line> result;
    for (const SocketRecord& record : records) {
        result.push_back({ss_name(record.state), record.recv_queue, record.send_queue,
                          endpoint(record, record.local), endpoint(record, record.remote),
                          ss_name(record.timer.kind), record.uid, record.inode,
                          static_cast<std::uint64_t>(record.cookie), record.shutdown,
                          record.cgroup_id.has_value()});
    }
    std::sort(result.begin(), result.end());
    return result;
}

std::string disagreement(const std::vector<Line>& ours, const std::vector<Line>& theirs) {
    std::string text;
    const auto only_in = [&text](const char* who, const auto& these, const auto& those) {
        std::vector<Line> only;
        std::set_difference(these.begin(), these.end(), those.begin(), those.end(),
                            std::back_inserter(only));
        for (const Line& line : only) {
            text += std::string(who) + ": " + to_string(line) + "\n";
        }
    };
    only_in("only we say", ours, theirs);
    only_in("only ss says", theirs, ours);
    return text;
}

std::map<std::string, std::size_t> by_state(const std::vector<Line>& lines) {
    std::map<std::string, std::size_t> result;
    for (const Line& line : lines) {
        ++result[line.state];
    }
    return result;
}

std::string run_ss(const std::string& arguments, const std::string& environment) {
    const std::string command = environment + " ss " + arguments;
    std::FILE* pipe = popen(command.c_str(), "re");
    if (pipe == nullptr) {
        throw std::runtime_error("cannot run " + command);
    }
    std::string text;
    std::array<char, 4096> buffer{};
    while (const std::size_t length = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        text.append(buffer.data(), length);
    }
    if (const int status = pclose(pipe); status != 0) {
        throw std::runtime_error(command + " ended with status " + std::to_string(status));
    }
    return text;
}

}  // namespace halfclosed::ground
