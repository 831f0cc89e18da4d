#include <fmt/format.h>

#include <algorithm>

#include "scenarios/packetdrill/assertion.h"
#include "scenarios/packetdrill/event_name.h"
#include "scenarios/player/player.h"
#include "scenarios/player/script_failure.h"

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;
using packetdrill::Event;
using packetdrill::ScriptTime;
using packetdrill::Segment;

/// How long "*" may let wait.
constexpr auto kWhenever = 10s;

double seconds(ScriptTime time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

void Player::expect(const Event& event, const Segment& expected, ScriptTime due) {
    // What the event before took, with the scheduler between, is not the kernel's delay.
    const ScriptTime took =
        event.when.relative ? std::max(last_event_done_ - last_event_, ScriptTime{0}) : 0us;
    const ScriptTime last =
        event.when.any
            ? now() + kWhenever
            : due + took + (event.when.until ? *event.when.until - event.when.from : 0us);
    const auto tolerance_ms = static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(settings_.tolerance).count() + 1);
    const auto deadline = live(last) + settings_.tolerance + kLateness;
    const auto sent = link_.take(expected, deadline, tolerance_ms);
    if (!sent) {
        throw ScriptFailure(event.line, "expected " + sent_text(expected) + ", got nothing");
    }
    const packetdrill::Strictness strictness{!settings_.foreign};
    if (!result_.steps.empty()) {
        result_.steps.back().answers.push_back(packetdrill::segment_name(sent->segment));
    }
    if (!matches(expected, sent->segment, strictness)) {
        throw ScriptFailure(
            event.line, "expected " + sent_text(expected) + ", got " + sent_text(sent->segment));
    }
    if (!event.when.any) {
        check_time(event.line, sent->at, due, last, "it was sent");
    }
    last_event_ = std::chrono::duration_cast<ScriptTime>(sent->at - start_);
    last_event_done_ = last_event_;
    judge_.model().sent(sent->segment);
    judge(event.line);
}

void Player::check_time(std::size_t line, Clock::time_point at, ScriptTime from, ScriptTime until,
                        const std::string& what) const {
    const ScriptTime when = std::chrono::duration_cast<ScriptTime>(at - start_);
    if (when + settings_.tolerance < from || when > until + settings_.tolerance) {
        const std::string range =
            from == until ? fmt::format("{:.6f}", seconds(from))
                          : fmt::format("{:.6f} to {:.6f}", seconds(from), seconds(until));
        throw ScriptFailure(
            line, fmt::format("{} at {:.6f} s, expected at {} s, within {} ms", what, seconds(when),
                              range, seconds(settings_.tolerance) * 1000));
    }
}

void Player::check_code(const Event& event, const std::string& code) {
    for (const packetdrill::Assertion& assertion :
         packetdrill::parse_assertions(code, event.line)) {
        if (!connection_) {
            throw ScriptFailure(event.line, "there is no connection to ask about");
        }
        const std::int64_t actual = calls_.tcp_info(*connection_, assertion.member, event.line);
        if (!holds(assertion, actual)) {
            throw ScriptFailure(event.line,
                                fmt::format("expected {}, got {}", to_string(assertion), actual));
        }
        const bool of_reader = assertion.member == "tcpi_state" &&
                               assertion.relation == packetdrill::Assertion::Relation::equal;
        if (of_reader && static_cast<std::int64_t>(judge_.seen().state) != assertion.number) {
            throw ScriptFailure(event.line,
                                fmt::format("the script asserts {}, and we read {}",
                                            to_string(assertion), to_string(judge_.seen())));
        }
    }
}

}  // namespace halfclosed::scenarios
