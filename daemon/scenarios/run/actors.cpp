#include "scenarios/run/actors.h"

#include <poll.h>

#include <algorithm>

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;

/// A program snapshots a call after the kernel has done it, sometimes well after. Where fewer came
/// than are expected, so much silence is taken for the last word.
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
    performers_.of(side) =
        std::make_unique<ActorProcess>(programs_ / actor.program, arguments(actor));
}

void Actors::wait(std::chrono::milliseconds at_most) const {
    std::array<pollfd, 2> snapshots{};
    nfds_t count = 0;
    for (const Side side : tracking::kSides) {
        if (performers_.of(side) != nullptr && performers_.of(side)->running()) {
            snapshots[count++] = {performers_.of(side)->descriptor(), POLLIN, 0};
        }
    }
    poll(snapshots.data(), count, static_cast<int>(at_most.count()));
}

std::vector<TraceEvent> Actors::news(Instant now) {
    std::vector<TraceEvent> facts;
    for (const Side side : tracking::kSides) {
        ActorProcess* const actor = performers_.of(side).get();
        if (actor == nullptr) {
            continue;
        }
        // The end first: what the program reported before it is then in the pipe.
        const std::optional<Exit> end = actor->take_end();
        for (const programs::Call& call : actor->take_calls()) {
            calls_.push_back({side, call});
            facts.emplace_back(calls_.back());
            last_call_ = now;
            listening_ = listening_ || (call.name == "listen" && call.error == 0);
            connected_ = connected_ || (call.name == "connect" && call.error == 0);
        }
        if (!end) {
            continue;
        }
        ended_.of(side) = true;
        facts.emplace_back(Ended{side, *end, now});
        if (const auto trouble = judge_end(side, *end)) {
            facts.emplace_back(*trouble);
        }
    }
    return facts;
}

/// A program that fails says why on standard error; nobody else will.
std::optional<RunError> Actors::judge_end(Side side, const Exit& exit) {
    const std::string who = std::string("the ") + name(side);
    if (!connected_) {
        return RunError{who + " ended too early: " + performers_.of(side)->last_words()};
    }
    if (!exit.by_signal && exit.number != 0 && scenario_.expect.exits.of(side) != exit) {
        return RunError{who + " ended with exit " + std::to_string(exit.number) + ": " +
                        performers_.of(side)->last_words()};
    }
    return std::nullopt;
}

std::optional<Instant> Actors::returned(const CallReference& reference) const {
    std::uint64_t nth = 0;
    for (const MadeCall& made : calls_) {
        if (made.who == reference.who && made.call.name == reference.call &&
            ++nth == reference.nth) {
            return instant(made.call.ended);
        }
    }
    return std::nullopt;
}

bool Actors::done(Instant now) const {
    return std::all_of(std::begin(tracking::kSides), std::end(tracking::kSides), [&](Side side) {
        const bool runs_on = !scenario_.expect.exits.of(side);
        return (runs_on || ended_.of(side)) && heard_out(side, now);
    });
}

bool Actors::heard_out(Side side, Instant now) const {
    const auto count = static_cast<std::size_t>(std::count_if(
        calls_.begin(), calls_.end(), [side](const MadeCall& made) { return made.who == side; }));
    return ended_.of(side) || count >= scenario_.expect.calls.of(side).size() ||
           now - last_call_ > kSilence;
}

}  // namespace halfclosed::scenarios
