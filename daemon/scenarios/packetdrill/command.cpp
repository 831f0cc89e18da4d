#include "scenarios/packetdrill/command.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace halfclosed::scenarios::packetdrill {

namespace {

/// Longer than any value of a sysctl.
constexpr std::size_t kLongestNumber = 18;

/// FreeBSD's names of states, as sockstat(1) prints them.
constexpr std::pair<std::string_view, TcpState> kSockstatStates[] = {
    {"LISTEN", TcpState::listen},         {"SYN_SENT", TcpState::syn_sent},
    {"SYN_RCVD", TcpState::syn_recv},     {"ESTABLISHED", TcpState::established},
    {"CLOSE_WAIT", TcpState::close_wait}, {"FIN_WAIT_1", TcpState::fin_wait1},
    {"CLOSING", TcpState::closing},       {"LAST_ACK", TcpState::last_ack},
    {"FIN_WAIT_2", TcpState::fin_wait2},  {"TIME_WAIT", TcpState::time_wait}};

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && text.size() <= kLongestNumber ? std::optional(value) : std::nullopt;
}

/// "15*1024*1024"; nothing for anything but a product.
std::optional<std::uint64_t> product(std::string_view text) {
    std::uint64_t result = 1;
    while (true) {
        const std::size_t length = std::min(text.find('*'), text.size());
        const auto factor = number(text.substr(0, length));
        if (!factor || (*factor != 0 && result > (std::uint64_t{1} << 62U) / *factor)) {
            return std::nullopt;
        }
        result *= *factor;
        if (length == text.size()) {
            return result;
        }
        text.remove_prefix(length + 1);
    }
}

/// The simple commands of a text: the shell's words, with products for "$((…))", without comments and redirections.
/// "|" stays a word: what is piped is one command here.
class Words {
 public:
    Words(std::string_view text, std::size_t line) : text_(text), line_(line) {}

    std::vector<std::vector<std::string>> commands() {
        while (place_ < text_.size()) {
            take();
        }
        end_command();
        return std::move(commands_);
    }

 private:
    void take() {
        const std::string_view rest = text_.substr(place_);
        if (rest.starts_with("$((")) {
            const std::size_t end = rest.find("))");
            const auto value =
                end == std::string_view::npos ? std::nullopt : product(rest.substr(3, end - 3));
            if (!value) {
                throw NotSupportedError(line_, "shell arithmetic");
            }
            add(std::to_string(*value), end + 2);
        } else if (rest.starts_with("\\\n")) {
            end_word(2);
        } else if (rest.front() == '#' && !in_word_) {
            place_ = std::min(text_.find('\n', place_), text_.size());
        } else if (rest.front() == '"' || rest.front() == '\'') {
            quoted(rest.front());
        } else if (rest.starts_with("&&")) {
            end_word(2);
            end_command();
        } else if (rest.front() == '\n' || rest.front() == ';') {
            end_word(1);
            end_command();
        } else if (rest.front() == '|') {
            end_word(1);
            command_.emplace_back("|");
        } else if (rest.front() == ' ' || rest.front() == '\t' || rest.front() == '\r') {
            end_word(1);
        } else {
            add(rest.substr(0, 1), 1);
        }
    }

    void add(std::string_view text, std::size_t taken) {
        word_ += text;
        in_word_ = true;
        place_ += taken;
    }

    void quoted(char quote) {
        ++place_;
        in_word_ = true;
        const std::size_t end = text_.find(quote, place_);
        if (end == std::string_view::npos) {
            throw NotSupportedError(line_, "a quotation without end");
        }
        while (place_ < end) {
            const std::string_view rest = text_.substr(place_, end - place_);
            if (rest.starts_with("$((")) {
                take();
            } else {
                add(rest.substr(0, 1), 1);
            }
        }
        place_ = end + 1;
    }

    void end_word(std::size_t taken) {
        place_ += taken;
        const bool redirects =
            word_.find('>') != std::string::npos && word_.find('=') == std::string::npos;
        if (in_word_ && word_ == ">") {
            skip_next_ = true;
        } else if (in_word_ && !redirects && !std::exchange(skip_next_, false)) {
            command_.push_back(word_);
        }
        word_.clear();
        in_word_ = false;
    }

    void end_command() {
        end_word(0);
        skip_next_ = false;
        if (!command_.empty()) {
            commands_.push_back(std::exchange(command_, {}));
        }
    }

    std::string_view text_;
    std::size_t line_;
    std::size_t place_ = 0;
    std::string word_;
    bool in_word_ = false;
    bool skip_next_ = false;
    std::vector<std::string> command_;
    std::vector<std::vector<std::string>> commands_;
};

Action sysctl(const std::string& assignment, std::size_t line) {
    const std::size_t equals = assignment.find('=');
    std::string name = assignment.substr(0, equals);
    if (equals == std::string::npos || name.find("..") != std::string::npos) {
        throw NotSupportedError(line, "sysctl " + assignment);
    }
    std::replace(name.begin(), name.end(), '/', '.');
    if (name.starts_with("net.inet.tcp.insecure_") && assignment.substr(equals + 1) != "0") {
        throw NotSupportedError(line, "FreeBSD's " + assignment + " has no counterpart in Linux");
    }
    if (name.starts_with("net.inet.") || name.starts_with("net.inet6.") ||
        name.starts_with("kern.")) {
        return Nothing{true};
    }
    if (!name.starts_with("net.")) {
        throw NotSupportedError(line, "sysctl " + name + ", which is not of a network namespace");
    }
    return SetSysctl{name, assignment.substr(equals + 1)};
}

std::string as_written(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : " ") + word;
    }
    return text;
}

std::optional<Action> count(const std::vector<std::string>& words) {
    const auto grep = std::find(words.begin(), words.end(), "-c");
    if (words.front() != "sockstat" || words.end() - grep < 5 || *(grep + 2) != "|" ||
        *(grep + 3) != "grep") {
        return std::nullopt;
    }
    const auto counted = number(*(grep + 4));
    for (const auto& [name, state] : kSockstatStates) {
        if (*(grep + 1) == name && counted) {
            return CountSockets{state, *counted};
        }
    }
    return std::nullopt;
}

void interpret_command(const std::vector<std::string>& words, std::size_t line,
                       std::vector<Action>& actions) {
    const std::string& first = words.front();
    if (first == "sysctl") {
        for (auto word = words.begin() + 1; word != words.end(); ++word) {
            if (!word->starts_with('-')) {
                actions.push_back(sysctl(*word, line));
            }
        }
        return;
    }
    if (first.ends_with("set_sysctls.py")) {
        constexpr std::string_view kRoot = "/proc/sys/";
        for (auto word = words.begin() + 1; word != words.end(); ++word) {
            if (!word->starts_with(kRoot)) {
                throw NotSupportedError(line, "`" + as_written(words) + "`");
            }
            actions.push_back(sysctl(word->substr(kRoot.size()), line));
        }
        return;
    }
    if (first.find("sysctl_restore") != std::string::npos ||
        (words.size() > 1 && first == "tc" && words[1] == "qdisc") ||
        (words.size() > 1 && first == "ip" && words[1] == "tcp_metrics")) {
        actions.push_back(Nothing{});  // the namespace is new, and thrown away
        return;
    }
    const bool sourced = words.size() == 2 && (first == "." || first == "source");
    if (const std::string& path = sourced ? words[1] : first;
        (sourced || words.size() == 1) && path.ends_with(".sh") && !path.starts_with('/')) {
        actions.push_back(RunFile{path});
        return;
    }
    if (const auto pause = words.size() == 2 && first == "sleep" ? number(words[1]) : std::nullopt;
        pause && *pause <= 600) {
        actions.push_back(Pause{std::chrono::seconds{*pause}});
        return;
    }
    if (const auto counted = count(words)) {
        actions.push_back(*counted);
        return;
    }
    throw NotSupportedError(line, "`" + as_written(words) + "`");
}

}  // namespace

std::vector<Action> interpret(std::string_view text, std::size_t line) {
    std::vector<Action> actions;
    for (const auto& command : Words(text, line).commands()) {
        interpret_command(command, line, actions);
    }
    return actions;
}

}  // namespace halfclosed::scenarios::packetdrill
