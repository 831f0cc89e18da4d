#include "exporters/events/event.h"

#include "exporters/snapshot/addresses.h"
#include "exporters/snapshot/explanation.h"
#include "text/hex.h"
#include "text/time.h"

namespace halfclosed::exporters {

namespace {

using Fields = decltype(Event::fields);

Fields socket_fields(const SocketIdentity& socket, const tracking::PortMatch& watched) {
    return {{"port", std::int64_t{watched.port}},
            {"side", tracking::name(watched.side)},
            {"local", local_address(socket)},
            {"remote", remote_address(socket)},
            {"cookie", text::cookie_text(socket.cookie)}};
}

std::string ends(const SocketIdentity& socket) {
    return local_address(socket) + " → " + remote_address(socket);
}

constexpr const char* kDead = "the connection is over, its descriptor still open";

Event leak(Event::Kind kind, Event::Severity severity, const tracking::TrackedSocket& socket,
           const Owner* owner, Instant now) {
    Event event;
    event.kind = kind;
    event.severity = severity;
    event.fields = socket_fields(identity(socket.record), socket.watched);
    event.fields.emplace_back("state", name(socket.record.state));
    if (socket.cause) {
        event.fields.emplace_back("cause", tracking::name(*socket.cause));
    }
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(socket.age(now).value);
    event.fields.emplace_back("age_seconds", std::int64_t{age.count()});
    event.fields.emplace_back("owner", owner_label(owner));
    if (owner != nullptr && !owner->processes.empty()) {
        event.fields.emplace_back("pid", std::int64_t{owner->processes.front().pid});
        event.fields.emplace_back("comm", owner->processes.front().comm);
    }
    return event;
}

}  // namespace

const char* name(Event::Kind kind) {
    switch (kind) {
        case Event::Kind::leak_began:
            return "leak_began";
        case Event::Kind::leak_ended:
            return "leak_ended";
        case Event::Kind::leak_died:
            return "leak_died";
        case Event::Kind::fin_wait2_expired:
            return "fin_wait2_expired";
        case Event::Kind::reconciliation_mismatch:
            return "reconciliation_mismatch";
        case Event::Kind::scenario_verdict:
            return "scenario_verdict";
    }
    return "unknown";
}

std::string text_of(const Event::Value& value) {
    const auto* const number = std::get_if<std::int64_t>(&value);
    return number != nullptr ? std::to_string(*number) : std::get<std::string>(value);
}

Event leak_began(const tracking::TrackedSocket& socket, const Owner* owner, Instant now) {
    Event event = leak(Event::Kind::leak_began, Event::Severity::warning, socket, owner, now);
    const bool dead = socket.record.state == TcpState::close;
    event.message =
        dead ? "leaked: " + ends(identity(socket.record)) + ", " + kDead
             : "leaked in CLOSE-WAIT: " + ends(identity(socket.record)) + ", " + why(socket, now);
    if (const std::string holder = held_by(owner); !holder.empty()) {
        event.message += "; " + holder;
    }
    return event;
}

Event leak_ended(const tracking::TrackedSocket& socket, const Owner* owner, const std::string& how,
                 Instant now) {
    Event event = leak(Event::Kind::leak_ended, Event::Severity::info, socket, owner, now);
    event.fields.emplace_back("how", how);
    event.message = socket.record.state == TcpState::close
                        ? "the descriptor of a dead socket is closed: "
                        : "left CLOSE-WAIT after " + text::duration_text(socket.age(now).value) +
                              " (" + how + "): ";
    event.message += ends(identity(socket.record));
    if (const std::string holder = held_by(owner); !holder.empty()) {
        event.message += "; " + holder;
    }
    return event;
}

Event leak_died(const tracking::TrackedSocket& socket, const Owner* owner, Instant now) {
    Event event = leak(Event::Kind::leak_died, Event::Severity::warning, socket, owner, now);
    event.message = "still leaked: " + ends(identity(socket.record)) + ", " + kDead;
    if (const std::string holder = held_by(owner); !holder.empty()) {
        event.message += "; " + holder;
    }
    return event;
}

Event leak_resumed(const tracking::TrackedSocket& socket, const Owner* owner, Instant now) {
    Event event = leak(Event::Kind::leak_ended, Event::Severity::info, socket, owner, now);
    event.fields.emplace_back("how", "resumed");
    event.message = "sends again in CLOSE-WAIT: " + ends(identity(socket.record));
    return event;
}

Event fin_wait2_expired(const tracking::StateEnd& end) {
    return {Event::Kind::fin_wait2_expired, Event::Severity::info,
            "FIN-WAIT-2 expired, the peer has not closed: " + ends(end.socket),
            socket_fields(end.socket, end.watched)};
}

Event reconciliation_mismatch(const std::string& field, const tracking::Reconciled& counts) {
    return {Event::Kind::reconciliation_mismatch,
            Event::Severity::warning,
            "counts disagree: " + field + " is " + std::to_string(counts.counted) +
                " in the dump and " + std::to_string(counts.kernel) + " in /proc/net/sockstat",
            {{"field", field},
             {"counted", static_cast<std::int64_t>(counts.counted)},
             {"kernel", static_cast<std::int64_t>(counts.kernel)}}};
}

Event scenario_verdict(const std::string& scenario, bool passed, const std::string& why) {
    return {Event::Kind::scenario_verdict,
            passed ? Event::Severity::info : Event::Severity::warning,
            "scenario " + scenario + (passed ? " passed" : " failed: " + why),
            {{"scenario", scenario}, {"result", passed ? "pass" : "fail"}, {"why", why}}};
}

}  // namespace halfclosed::exporters
