#include "story.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace halfclosed::tracking {

namespace {

/// Far from 0, so that a time that was never set is seen.
constexpr Instant kBeginning{std::chrono::hours{1}};

std::string text(Duration duration) {
    std::ostringstream out;
    out << std::chrono::duration<double>(duration).count() << "s";
    return out.str();
}

std::string text(Cookie cookie) {
    return "#" + std::to_string(static_cast<std::uint64_t>(cookie));
}

std::string text(const Transition& transition) {
    std::string line = name(transition.watched.side) + text(transition.socket.cookie) + " " +
                       name(transition.edge.from) + " -> " + name(transition.edge.to) + " " +
                       name(transition.evidence);
    if (transition.held) {
        line += " held " + text(*transition.held);
    }
    return line;
}

std::string text(const StateEnd& end) {
    std::string line = name(end.watched.side) + text(end.socket.cookie) + " " + name(end.state);
    const char* how = name(end.how);
    line += how == nullptr ? " ended" : std::string(" ended ") + how;
    if (end.held) {
        line += " after " + text(*end.held);
    }
    return line;
}

/// Whether a transition tells all that the end says.
bool told(const StateEnd& end, const std::vector<Transition>& transitions) {
    return std::any_of(transitions.begin(), transitions.end(), [&](const Transition& transition) {
        return name(end.how) == nullptr && transition.socket == end.socket &&
               transition.edge.from == end.state && transition.held == end.held;
    });
}

std::string text(const TrackedSocket& socket, Instant now) {
    const Age age = socket.age(now);
    return name(socket.watched.side) + text(socket.record.cookie) + " " +
           name(socket.record.state) + " " + name(socket.custody) + " " +
           (socket.cause ? std::string(name(*socket.cause)) + " " : "") + text(age.value) + " " +
           name(age.kind) + (age.at_most ? " " + text(*age.at_most) + " at most" : "");
}

std::string text(const SocketRecord& record) {
    std::string line = text(record.cookie) + " " + name(record.state);
    if (record.timer.kind == Timer::Kind::timewait) {
        line += " for " + text(record.timer.expires);
    }
    return line;
}

std::vector<std::string> lines(const Changes& changes) {
    std::vector<std::string> result;
    for (const Transition& transition : changes.transitions) {
        result.push_back(text(transition));
    }
    for (const StateEnd& end : changes.ends) {
        if (!told(end, changes.transitions)) {
            result.push_back(text(end));
        }
    }
    return result;
}

std::vector<std::string> lines(const std::vector<SocketIdentity>& sockets) {
    std::vector<std::string> result;
    for (const SocketIdentity& socket : sockets) {
        result.push_back(text(socket.cookie));
    }
    return result;
}

std::vector<std::string> lines(const std::vector<std::uint64_t>& cookies) {
    std::vector<std::string> result;
    for (const std::uint64_t cookie : cookies) {
        result.push_back(text(Cookie{cookie}));
    }
    return result;
}

std::string list(const std::vector<std::string>& lines) {
    std::string result;
    for (const std::string& line : lines) {
        result += "      " + line + "\n";
    }
    return lines.empty() ? "      nothing\n" : result;
}

}  // namespace

Story::Story(std::vector<PortRange> ports)
    : tracker_(WatchedPorts(std::move(ports))), now_(kBeginning), last_step_(Where::current()) {
}

Story::~Story() {
    nothing_is_left();
}

void Story::tell(const std::string& line) {
    told_ += line + "\n";
}

void Story::step(Duration at, const std::string& line, Where where) {
    nothing_is_left();
    now_ = kBeginning + at;
    last_step_ = where;
    tell("  " + text(at) + " " + line);
}

void Story::nothing_is_left() {
    if (unread_) {
        compare("brings", {}, lines(*unread_), last_step_);
        unread_.reset();
    }
}

Story& Story::look(Duration at, std::vector<SocketRecord> dump, Where where) {
    std::string line = "the dump has";
    for (const SocketRecord& record : dump) {
        line += dump.size() > 10 ? "" : " " + text(record);
    }
    step(at, line + (dump.size() > 10 ? " " + std::to_string(dump.size()) + " sockets" : ""),
         where);
    unread_ = tracker_.observe(dump, now_);
    return *this;
}

Story& Story::answer(Duration at, std::vector<Confirmation> answers, Resets resets, Where where) {
    std::string line = "the kernel says";
    for (const Confirmation& answer : answers) {
        line += answers.size() > 10 ? ""
                : answer.found      ? " " + text(*answer.found)
                                    : " " + text(answer.cookie) + " is gone";
    }
    step(at,
         line + (resets == Resets::none ? ", no connection was reset" : "") +
             (resets == Resets::all ? ", all that ended were reset" : ""),
         where);
    unread_ = tracker_.confirm(answers, now_, resets);
    return *this;
}

Story& Story::namespace_ends(Duration at, Where where) {
    step(at, "the namespace ends", where);
    unread_ = tracker_.abandon(now_);
    return *this;
}

Story& Story::brings(std::vector<std::string> facts, Where where) {
    EXPECT_TRUE(unread_) << "brings() without a step before it";
    if (unread_) {
        compare("brings", std::move(facts), lines(*unread_), where);
        unread_.reset();
    }
    return *this;
}

Story& Story::misses(std::vector<std::uint64_t> cookies, Where where) {
    compare("misses", lines(cookies), lines(tracker_.missing()), where);
    return *this;
}

Story& Story::does_not_know_since_when(std::vector<std::uint64_t> cookies, Where where) {
    compare("does not know since when", lines(cookies), lines(tracker_.undated()), where);
    return *this;
}

Story& Story::has(std::vector<std::string> sockets, Where where) {
    std::vector<std::string> actual;
    for (const TrackedSocket& socket : tracker_.sockets()) {
        actual.push_back(text(socket, now_));
    }
    compare("has", std::move(sockets), std::move(actual), where);
    return *this;
}

Story& Story::fin_timeout(std::chrono::milliseconds timeout) {
    tracker_.set_fin_timeout(timeout);
    tell("  tcp_fin_timeout is " + text(timeout));
    return *this;
}

Story& Story::established(std::initializer_list<std::uint64_t> cookies) {
    CookieSet set;
    for (const std::uint64_t cookie : cookies) {
        set.insert(Cookie{cookie});
    }
    tracker_.remember_established(std::move(set));
    tell("  established are" + list(lines(std::vector(cookies))));
    return *this;
}

Story& Story::date(std::uint64_t cookie, const Age& age, Duration at) {
    tracker_.date(Cookie{cookie}, age, kBeginning + at);
    tell("  " + text(at) + " #" + std::to_string(cookie) + " is " + text(age.value) + " old, " +
         name(age.kind));
    return *this;
}

Story& Story::sends(std::uint64_t cookie, const TcpInfo& info, Duration at) {
    tracker_.note_sending(Cookie{cookie}, info, kBeginning + at);
    tell("  " + text(at) + " #" + std::to_string(cookie) + " last sent " +
         text(info.last_data_sent) + " ago, acknowledged " + std::to_string(info.bytes_acked));
    return *this;
}

Story& Story::may_be_sending(Duration age, std::vector<std::uint64_t> cookies, Where where) {
    compare("may be sending", lines(cookies), lines(tracker_.perhaps_sending(age)), where);
    return *this;
}

Story& Story::descriptor(std::uint64_t cookie, DescriptorState state, Duration at) {
    const DescriptorAnswer answer{Cookie{cookie}, state};
    now_ = kBeginning + at;
    unread_ = tracker_.confirm_descriptors({&answer, 1}, now_);
    tell("  " + text(at) + " the descriptor of #" + std::to_string(cookie) + " is " +
         (state == DescriptorState::open     ? "open"
          : state == DescriptorState::closed ? "closed"
                                             : "not known"));
    return *this;
}

Story& Story::asks_for_descriptors(std::vector<std::uint64_t> cookies, Where where) {
    std::vector<std::string> actual;
    for (const DescriptorQuestion& question : tracker_.descriptors_to_check()) {
        actual.push_back(text(question.socket->record.cookie));
    }
    compare("asks for the descriptors of", lines(cookies), std::move(actual), where);
    return *this;
}

Story& Story::dead(std::vector<std::string> sockets, Where where) {
    std::vector<std::string> actual;
    for (const DeadSocket& dead : tracker_.dead_sockets()) {
        actual.push_back(text(dead.socket, now_) + ", dead for " + text(dead.age(now_).value));
    }
    compare("dead are", std::move(sockets), std::move(actual), where);
    return *this;
}

TrackedSocket Story::socket(std::uint64_t cookie) const {
    for (const TrackedSocket& socket : tracker_.sockets()) {
        if (socket.record.cookie == Cookie{cookie}) {
            return socket;
        }
    }
    ADD_FAILURE() << "no socket #" << cookie << " in\n" << told_;
    return {};
}

void Story::compare(const char* what, std::vector<std::string> expected,
                    std::vector<std::string> actual, Where where) {
    std::sort(expected.begin(), expected.end());
    std::sort(actual.begin(), actual.end());
    tell(std::string("    ") + what + "\n" + list(actual));
    if (expected != actual) {
        ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line()))
            << "The story:\n"
            << told_ << "    where it should be\n"
            << list(expected);
    }
}

}  // namespace halfclosed::tracking
