#include "scenarios/run/actors.h"

#include <poll.h>

#include <algorithm>

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;

/// A program reports a call after the kernel has done it, sometimes well after. If fewer came than are expected, no more
/// are waited for after this time without one.
constexpr std::chrono::milliseconds kSilence = 300ms;

std::vector<std::string> arguments(const Actor& actor) {
    std::vector<std::string> arguments = actor.flags;
    for (const std::string& step : actor.script) {
        arguments.insert(arguments.end(), {"--do", step});
    }
    return arguments;
}

}  // namespace

Actors::Actors(const Scenario& scenario, std::filesystem::path programs)
    : scenario_(scenario), programs_(std::move(programs)) {
}

void Actors::start(Side side) {
    const Actor& actor = scenario_.actors.of(side);
    processes_.of(side) =
        std::make_unique<ActorProcess>(programs_ / actor.program, arguments(actor));
}

void Actors::wait(std::chrono::milliseconds at_most) const {
    std::array<pollfd, 2> reports{};
    nfds_t count = 0;
    for (const Side side : tracking::kSides) {
        if (processes_.of(side) != nullptr && processes_.of(side)->running()) {
            reports[count++] = {processes_.of(side)->descriptor(), POLLIN, 0};
        }
    }
    poll(reports.data(), count, static_cast<int>(at_most.count()));
}

std::vector<TraceEvent> Actors::take_events(Instant now) {
    std::vector<TraceEvent> events;
    for (const Side side : tracking::kSides) {
        ActorProcess* const actor = processes_.of(side).get();
        if (actor == nullptr) {
            continue;
        }
        // The end first: what the program reported before it is then in the pipe.
        const std::optional<Exit> end = actor->take_end();
        for (const programs::Call& call : actor->take_calls()) {
            calls_.push_back({side, call});
            events.emplace_back(calls_.back());
            last_call_ = now;
            listening_ = listening_ || (call.name == "listen" && call.error == 0);
            connected_ = connected_ || (call.name == "connect" && call.error == 0);
        }
        if (!end) {
            continue;
        }
        ended_.of(side) = true;
        events.emplace_back(ProgramExit{side, *end, now});
        if (const auto error = judge_exit(side, *end)) {
            events.emplace_back(*error);
        }
    }
    return events;
}

/// A program that fails says why on standard error.
std::optional<RunError> Actors::judge_exit(Side side, const Exit& exit) {
    const std::string who = std::string("the ") + name(side);
    if (!connected_) {
        return RunError{who + " ended too early: " + processes_.of(side)->last_error()};
    }
    if (!exit.by_signal && exit.number != 0 && scenario_.expect.exits.of(side) != exit) {
        return RunError{who + " ended with exit " + std::to_string(exit.number) + ": " +
                        processes_.of(side)->last_error()};
    }
    return std::nullopt;
}

std::optional<Instant> Actors::returned(const CallReference& reference) const {
    const programs::Call* const call = find_call(calls_, reference);
    return call == nullptr ? std::nullopt : std::optional(instant(call->ended));
}

bool Actors::done(Instant now) const {
    return std::all_of(std::begin(tracking::kSides), std::end(tracking::kSides), [&](Side side) {
        const bool runs_on = !scenario_.expect.exits.of(side);
        return (runs_on || ended_.of(side)) && complete(side, now);
    });
}

bool Actors::complete(Side side, Instant now) const {
    const auto count = static_cast<std::size_t>(std::count_if(
        calls_.begin(), calls_.end(), [side](const MadeCall& made) { return made.who == side; }));
    return ended_.of(side) || count >= scenario_.expect.calls.of(side).size() ||
           now - last_call_ > kSilence;
}

}  // namespace halfclosed::scenarios
