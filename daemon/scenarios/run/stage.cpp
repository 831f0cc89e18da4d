#include "scenarios/run/stage.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "host/sockstat.h"
#include "posix/clock.h"
#include "scenarios/programs/signal_name.h"
#include "text/time.h"

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kPort = 9999;
constexpr std::chrono::milliseconds kPollInterval = 1ms;
/// Where nothing has happened for so long, less often will do: a leak may be held for hours.
constexpr std::chrono::milliseconds kCalm = 500ms;
constexpr std::chrono::milliseconds kCalmInterval = 5ms;
constexpr std::chrono::seconds kStartLimit = 5s;
constexpr unsigned kFailedLooks = 3;

Instant now() {
    return instant(posix::boot_clock_now());
}

}  // namespace

ScenarioRun::ScenarioRun(const Scenario& scenario, const RunParameters& parameters,
                         std::filesystem::path programs, Telling telling,
                         std::function<bool()> alive)
    : scenario_(scenario),
      parameters_(parameters),
      telling_(std::move(telling)),
      alive_(std::move(alive)),
      capture_(kPort),
      cast_(scenario, std::move(programs)) {
}

void ScenarioRun::play() {
    counters_ = host::read_counters();
    estab_resets_ = host::read_estab_resets();
    listen();
    if (!failed_) {
        connect();
    }
    while (go_on()) {
        cast_.wait(pace());
        listen_to_programs();
        listen_to_wire();
        look();
        take_step();
    }
    if (!failed_) {
        close_the_books();
    }
}

void ScenarioRun::listen() {
    start(Side::server);
    deadline_ = now() + kStartLimit;
    while (!failed_ && !cast_.listening()) {
        cast_.wait(kPollInterval);
        listen_to_programs();
        if (now() > deadline_) {
            trouble("the server did not listen within " + text::precise_duration_text(kStartLimit));
        }
    }
}

void ScenarioRun::connect() {
    deadline_ = now() + scenario_.limit.in(parameters_);
    observer_.emplace(kPort, parameters_.fin_timeout, now());
    while (!failed_ && !observer_->at_rest()) {
        look();  // the counts before anything happens
    }
    start(Side::client);
}

void ScenarioRun::start(Side side) {
    try {
        cast_.start(side);
    } catch (const std::system_error& error) {
        trouble(std::string("the ") + name(side) + " could not be started: " + error.what());
    }
}

bool ScenarioRun::go_on() {
    if (failed_ || over() || !alive_()) {
        return false;
    }
    if (now() > deadline_) {
        trouble("given up after " + text::precise_duration_text(scenario_.limit.in(parameters_)) +
                ": " + what_is_awaited());
        return false;
    }
    return true;
}

std::chrono::milliseconds ScenarioRun::pace() const {
    return now() - last_news_ > kCalm ? kCalmInterval : kPollInterval;
}

void ScenarioRun::tell(const TraceEvent& fact) {
    last_news_ = now();
    telling_(fact);
}

void ScenarioRun::listen_to_programs() {
    for (const TraceEvent& fact : cast_.news(now())) {
        tell(fact);
        failed_ = failed_ || std::holds_alternative<RunError>(fact);
        const MadeCall* const made = std::get_if<MadeCall>(&fact);
        const bool opened = made != nullptr && made->call.error == 0 &&
                            (made->call.name == "connect" || made->call.name == "accept");
        if (opened && observer_) {
            observer_->existed(made->who, instant(made->call.ended));
        }
    }
}

void ScenarioRun::listen_to_wire() {
    for (const Packet& packet : capture_.take()) {
        tell(packet);
    }
}

/// By how much EstabResets has risen since this was last asked for, which it is whenever a socket is gone.
std::optional<std::uint64_t> ScenarioRun::resets_if_gone(
    std::span<const tracking::Confirmation> answers) {
    if (std::all_of(answers.begin(), answers.end(),
                    [](const tracking::Confirmation& answer) { return answer.found; })) {
        return std::nullopt;
    }
    const std::uint64_t resets = host::read_estab_resets();
    return resets - std::exchange(estab_resets_, resets);
}

void ScenarioRun::look() {
    Look look;
    try {
        look.from = now();
        session_.dump({}, [&look](const SocketRecord& record) { look.sockets.push_back(record); });
        look.to = now();
        for (const TraceEvent& fact : observer_->observe(look)) {
            tell(fact);
        }
        std::vector<tracking::Confirmation> answers;
        for (const SocketIdentity& socket : observer_->missing()) {
            const auto found = session_.get(socket);
            answers.push_back({socket.cookie, found ? std::optional(found->record) : std::nullopt});
        }
        for (const TraceEvent& fact : observer_->confirm(answers, now(), resets_if_gone(answers))) {
            tell(fact);
        }
        observer_->between(host::read_sockstat(), now());
        failed_looks_ = 0;
    } catch (const netlink::Error& error) {
        // The next look may succeed; the time without one is then a blind span.
        if (++failed_looks_ == kFailedLooks) {
            trouble(error.what());
        }
    }
}

void ScenarioRun::take_step() {
    const Instant at = now();
    if (step_ < scenario_.steps.size() && due(scenario_.steps[step_], at)) {
        const Step& step = scenario_.steps[step_++];
        tell(SentSignal{step.to, step.signal, at});
        cast_.signal(step.to, step.signal);
    }
}

bool ScenarioRun::due(const Step& step, Instant at) const {
    const Duration held = step.held.in(parameters_);
    if (step.call) {
        const std::optional<Instant> returned = cast_.returned(*step.call);
        if (!returned || at - *returned < held) {
            return false;
        }
    }
    return std::all_of(std::begin(tracking::kSides), std::end(tracking::kSides), [&](Side side) {
        const std::optional<TcpState> wanted = step.when.of(side);
        const std::optional<StateObservation> standing = observer_->standing(side);
        return !wanted || (standing && standing->state == *wanted && at - standing->seen >= held);
    });
}

/// Every step was taken, both ends are where the trace ends, so are the programs, and the counts
/// were compared since.
bool ScenarioRun::over() const {
    return step_ == scenario_.steps.size() && observer_->at_rest() && at_end(Side::server) &&
           at_end(Side::client) && cast_.done(now());
}

/// Gone, in TIME-WAIT, which outlasts every trace, or in the state in which the trace is to end.
bool ScenarioRun::at_end(Side side) const {
    const std::optional<StateObservation> standing = observer_->standing(side);
    return standing &&
           (standing->state == TcpState::close || standing->state == TcpState::time_wait ||
            standing->state == scenario_.expect.states.of(side).back().state);
}

void ScenarioRun::close_the_books() {
    listen_to_wire();
    if (capture_.lost() > 0) {
        trouble(std::to_string(capture_.lost()) + " packets were not captured");
        return;
    }
    const auto before = host::tcp_events(counters_);
    CounterDeltas deltas;
    for (const auto& [event, count] : host::tcp_events(host::read_counters())) {
        const auto found = before.find(event);
        deltas.events[event] = count - (found == before.end() ? 0 : found->second);
    }
    tell(deltas);
    tell(Finished{now()});
}

std::string ScenarioRun::what_is_awaited() const {
    const auto state = [this](Side side) {
        const std::optional<StateObservation> standing = observer_->standing(side);
        return std::string(name(side)) + " " + (standing ? name(standing->state) : "unseen");
    };
    const std::string standing = state(Side::server) + ", " + state(Side::client);
    if (step_ < scenario_.steps.size()) {
        return "waited for the moment of " + programs::signal_name(scenario_.steps[step_].signal) +
               " with " + standing;
    }
    return "waited for the end with " + standing;
}

void ScenarioRun::trouble(const std::string& what) {
    tell(RunError{what});
    failed_ = true;
}

}  // namespace halfclosed::scenarios
