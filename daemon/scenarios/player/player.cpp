#include "scenarios/player/player.h"

#include <fmt/format.h>

#include <algorithm>

#include "netlink/error.h"
#include "posix/file.h"
#include "scenarios/packetdrill/event_name.h"
#include "scenarios/player/script_failure.h"
#include "scenarios/player/symbols.h"
#include "scenarios/programs/call.h"

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;
using packetdrill::Call;
using packetdrill::Event;
using packetdrill::Outcome;
using packetdrill::ScriptTime;
using packetdrill::Segment;

/// Of the service, as in packetdrill; of a peer that connects to it, any.
constexpr std::uint16_t kServicePort = 8080;
constexpr std::uint16_t kPeerPort = 53'000;
/// How long a call may take that does not block.
constexpr auto kReturnsAtOnce = 10s;
constexpr auto kCallPoll = 200us;

/// Calls that change nothing of the connection are no step of it.
bool is_step(const Call& call) {
    return call.name == "connect" || call.name == "listen" || call.name.starts_with("accept") ||
           call.name == "close" || call.name == "shutdown" || call.name == "read";
}

}  // namespace

Player::Player(const packetdrill::Script& script, const PlaySettings& settings)
    : script_(script),
      settings_(settings),
      link_(settings.addresses, {settings.addresses.local, kServicePort},
            {settings.addresses.remote, kPeerPort}),
      calls_({{settings.addresses.local, kServicePort}, {settings.addresses.remote, kServicePort}},
             !settings.foreign),
      judge_(kServicePort) {
    result_.file = settings.file;
    if (settings.foreign) {
        result_.notes.emplace_back(
            "it sets up another operating system: windows, TCP options and sizes of buffers were "
            "not judged");
    }
}

packetdrill::Result Player::play() {
    const auto began = Clock::now();
    start_ = began;
    const auto stop = [this](Outcome outcome, std::size_t line, const std::string& why) {
        result_.outcome = outcome;
        result_.line = line;
        result_.why = why;
        if (outcome == Outcome::failed && !result_.steps.empty()) {
            result_.steps.back().passed = false;
        }
    };
    std::size_t line = 0;
    try {
        for (const std::string& commands : script_.setup) {
            run_commands(commands, 1);
        }
        start_ = Clock::now();
        for (const Event& event : script_.events) {
            line = event.line;
            play(event);
        }
        finish_call();
    } catch (const ScriptFailure& failure) {
        stop(Outcome::failed, failure.line(), failure.what());
    } catch (const packetdrill::NotSupportedError& error) {
        stop(Outcome::not_supported, error.line(), error.what());
    } catch (const std::exception& error) {
        stop(Outcome::failed, line, error.what());
    }
    result_.took = Clock::now() - began;
    return result_;
}

ScriptTime Player::now() const {
    return std::chrono::duration_cast<ScriptTime>(Clock::now() - start_);
}

/// Relative times count from when the event before really was: what reading the sockets takes between does not add up.
ScriptTime Player::due(const packetdrill::When& when) const {
    if (when.any) {
        return now();
    }
    return when.relative ? last_event_ + when.from : when.from;
}

void Player::play(const Event& event) {
    const ScriptTime when = due(event.when);
    const auto* const expected = std::get_if<packetdrill::Expected>(&event.what);
    if (expected != nullptr) {
        expect(event, expected->segment, when);
        return;
    }
    wait_until(when);
    last_event_ = now();
    perform(event, when);
    last_event_done_ = std::max(last_event_done_, last_event_);
}

/// Goes on to read the link and to look after a call meanwhile.
void Player::wait_until(ScriptTime time) {
    while (now() < time) {
        const auto next = pending_ ? std::min(live(time), Clock::now() + 1ms) : live(time);
        link_.listen(next);
        poll_call(0us);
    }
}

void Player::perform(const Event& event, ScriptTime due) {
    if (const auto* const made = std::get_if<Call>(&event.what)) {
        call(event, *made, due);
    } else if (const auto* const injected = std::get_if<packetdrill::Injected>(&event.what)) {
        const Segment& segment = injected->segment;
        begin_step(event.line, segment_event(segment, judge_.model().place(segment)));
        link_.inject(segment);
        last_event_done_ = now();
        link_.listen(Clock::now());
        judge_.model().injected(segment);
        judge(event.line);
    } else if (const auto* const command = std::get_if<packetdrill::Command>(&event.what)) {
        run_commands(command->text, event.line);
    } else if (const auto* const code = std::get_if<packetdrill::Code>(&event.what)) {
        check_code(event, code->text);
    }
}

void Player::call(const Event& event, const Call& call, ScriptTime due) {
    finish_call();
    if (is_step(call)) {
        begin_step(event.line, call_event(call));
    }
    std::optional<ScriptTime> returns;
    if (call.returns) {
        returns = last_event_ + (*call.returns - event.when.from);
    }
    pending_ = Pending{event.line, call, due, returns};
    thread_.start([this, call, line = event.line] { return calls_.make(call, line); });
    if (call.returns) {
        if (call.name == "connect") {
            judge_.model().called(call, 0);
        }
        return;
    }
    const auto deadline = Clock::now() + kReturnsAtOnce;
    while (!poll_call(kCallPoll)) {
        link_.listen(Clock::now());
        if (Clock::now() > deadline) {
            throw ScriptFailure(event.line, call.name + "() blocks");
        }
    }
    last_event_done_ = now();
    link_.listen(Clock::now());
    judge(event.line);
}

/// Whether no call is under way any more.
bool Player::poll_call(std::chrono::microseconds most) {
    if (!pending_) {
        return true;
    }
    const auto ended = thread_.wait(most);
    if (ended) {
        const Pending pending = *std::exchange(pending_, std::nullopt);
        returned(pending, *ended);
    }
    return ended.has_value();
}

void Player::finish_call() {
    if (!pending_) {
        return;
    }
    const auto deadline = std::max(Clock::now(), live(pending_->returns.value_or(pending_->due))) +
                          settings_.tolerance + kLateness;
    while (!poll_call(kCallPoll)) {
        link_.listen(Clock::now());
        if (Clock::now() > deadline) {
            throw ScriptFailure(pending_->line, pending_->call.name + "() does not return");
        }
    }
    judge(script_.events.empty() ? 0 : result_.steps.empty() ? 0 : result_.steps.back().line);
}

void Player::returned(const Pending& pending, const CallThread::Ended& ended) {
    const Call& call = pending.call;
    const MadeSystemCall& made = ended.made;
    const auto text = [](std::int64_t result, const std::string& error) {
        return std::to_string(result) + (error.empty() ? "" : " " + error);
    };
    const std::string got =
        text(made.result, made.result < 0 ? programs::errno_name(made.error) : "");
    const bool same_error =
        call.error.empty() || symbol(call.error) == std::optional<std::int64_t>(made.error);
    if (call.result && (*call.result != made.result || !same_error)) {
        throw ScriptFailure(pending.line, fmt::format("expected {}() = {}, got {}", call.name,
                                                      text(*call.result, call.error), got));
    }
    if (!made.difference.empty()) {
        throw ScriptFailure(pending.line,
                            fmt::format("{}() stored {}", call.name, made.difference));
    }
    if (pending.returns) {
        check_time(pending.line, ended.at, *pending.returns, *pending.returns,
                   call.name + "() returned");
    }
    if (call.name == "connect") {
        connection_ = call.arguments.front().number;
    } else if (call.name.starts_with("accept") && made.result >= 0) {
        connection_ = made.result;
    }
    if (!pending.returns || call.name != "connect") {
        judge_.model().called(call, made.result);
    }
}

void Player::begin_step(std::size_t line, const std::string& event) {
    result_.steps.push_back({line, event, judge_.seen(), judge_.seen(), {}, false, true});
}

void Player::judge(std::size_t line) {
    std::optional<std::string> wrong;
    try {
        wrong = judge_.judge(link_.local().port, link_.remote().port, [this] {
            link_.listen(Clock::now() + 1ms);
            poll_call(0us);
        });
    } catch (const netlink::Error& error) {
        wrong = error.what();
    }
    if (!result_.steps.empty()) {
        result_.steps.back().after = judge_.seen();
        result_.steps.back().judged = judge_.says();
    }
    if (wrong) {
        throw ScriptFailure(line, *wrong);
    }
}

}  // namespace halfclosed::scenarios
