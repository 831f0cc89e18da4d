#include "scenarios/run/scenario_run.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "host/kernel_release.h"
#include "host/sockstat.h"
#include "netlink/socket_namespace.h"
#include "posix/clock.h"
#include "posix/error.h"
#include "scenarios/programs/signal_name.h"
#include "text/time.h"

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kPort = 9999;
constexpr std::chrono::milliseconds kPollInterval = 1ms;
/// After so long without an event polls may be further apart: a leak may be held for hours.
constexpr std::chrono::milliseconds kCalm = 500ms;
constexpr std::chrono::milliseconds kCalmInterval = 5ms;
constexpr std::chrono::seconds kStartLimit = 5s;
constexpr unsigned kFailedPolls = 3;

Instant now() {
    return instant(posix::boot_clock_now());
}

}  // namespace

ScenarioRun::ScenarioRun(const Scenario& scenario, const RunParameters& parameters,
                         std::filesystem::path programs, bool exact, Report report,
                         std::function<bool()> wanted)
    : scenario_(scenario),
      parameters_(parameters),
      wants_exact_(exact),
      report_(std::move(report)),
      wanted_(std::move(wanted)),
      capture_(kPort),
      actors_(scenario, std::move(programs)) {
}

void ScenarioRun::run() {
    if (wants_exact_) {
        count_exactly();
    }
    counters_ = host::read_counters();
    estab_resets_ = host::read_estab_resets();
    listen();
    if (!failed_) {
        connect();
    }
    while (goes_on()) {
        actors_.wait(interval());
        read_programs();
        read_packets();
        poll();
        take_step();
    }
    if (!failed_) {
        finish();
    }
}

/// Where it may not, polls, calls, packets and counters say what there is to say.
void ScenarioRun::count_exactly() {
    try {
        exact_.emplace();
        const NamespaceId here = netlink::own_namespace();
        exact_->watch(here, {{kPort, kPort}});
        exact_->keep_all(here);
    } catch (const posix::Error&) {
        exact_.reset();
    }
}

void ScenarioRun::report_exact_states() {
    if (!exact_) {
        return;
    }
    // The programs' clock stands still in suspend, the trace's does not.
    const Duration suspended = posix::boot_clock_now() - posix::monotonic_clock_now();
    for (const ExactSocket& socket : exact_->sockets()) {
        const Side side = socket.identity.local.port == kPort ? Side::server : Side::client;
        for (std::size_t state = 0; state < socket.entered.size(); ++state) {
            if (socket.entered[state] != Instant{}) {
                report(ExactState{side, static_cast<TcpState>(state),
                                  socket.entered[state] + suspended});
            }
        }
    }
}

void ScenarioRun::listen() {
    start(Side::server);
    deadline_ = now() + kStartLimit;
    while (!failed_ && !actors_.listening()) {
        actors_.wait(kPollInterval);
        read_programs();
        if (now() > deadline_) {
            fail("the server did not listen within " + text::precise_duration_text(kStartLimit));
        }
    }
}

void ScenarioRun::connect() {
    deadline_ = now() + scenario_.limit.in(parameters_);
    observer_.emplace(kPort, parameters_.fin_timeout, now());
    while (!failed_ && !observer_->counts_compared()) {
        poll();  // the counts before anything happens
    }
    start(Side::client);
}

void ScenarioRun::start(Side side) {
    try {
        actors_.start(side);
    } catch (const std::system_error& error) {
        fail(std::string("the ") + name(side) + " could not be started: " + error.what());
    }
}

bool ScenarioRun::goes_on() {
    if (failed_ || over() || !wanted_()) {
        return false;
    }
    if (now() > deadline_) {
        fail("given up after " + text::precise_duration_text(scenario_.limit.in(parameters_)) +
             ": " + awaited());
        return false;
    }
    return true;
}

std::chrono::milliseconds ScenarioRun::interval() const {
    return now() - last_event_ > kCalm ? kCalmInterval : kPollInterval;
}

void ScenarioRun::report(const TraceEvent& event) {
    last_event_ = now();
    report_(event);
}

void ScenarioRun::read_programs() {
    for (const TraceEvent& event : actors_.take_events(now())) {
        report(event);
        failed_ = failed_ || std::holds_alternative<RunError>(event);
        const MadeCall* const made = std::get_if<MadeCall>(&event);
        const bool opened = made != nullptr && made->call.error == 0 &&
                            (made->call.name == "connect" || made->call.name == "accept");
        if (opened && observer_) {
            observer_->existed(made->who, instant(made->call.ended));
        }
    }
}

void ScenarioRun::read_packets() {
    for (const Packet& packet : capture_.take()) {
        report(packet);
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

void ScenarioRun::poll() {
    Poll poll;
    try {
        poll.from = now();
        session_.dump({}, [&poll](const SocketRecord& record) { poll.sockets.push_back(record); });
        poll.to = now();
        for (const TraceEvent& event : observer_->observe(poll)) {
            report(event);
        }
        std::vector<tracking::Confirmation> answers;
        for (const SocketIdentity& socket : observer_->missing()) {
            const auto found = session_.get(socket);
            answers.push_back({socket.cookie, found ? std::optional(found->record) : std::nullopt});
        }
        for (const TraceEvent& event :
             observer_->confirm(answers, now(), resets_if_gone(answers))) {
            report(event);
        }
        observer_->between(host::read_sockstat(), now());
        failed_polls_ = 0;
    } catch (const netlink::Error& error) {
        // The next poll may succeed; the time without one is then an ObservationGap.
        if (++failed_polls_ == kFailedPolls) {
            fail(error.what());
        }
    }
}

void ScenarioRun::take_step() {
    const Instant at = now();
    if (step_ < scenario_.steps.size() && due(scenario_.steps[step_], at)) {
        const Step& step = scenario_.steps[step_++];
        report(SentSignal{step.to, step.signal, at});
        actors_.signal(step.to, step.signal);
    }
}

bool ScenarioRun::due(const Step& step, Instant at) const {
    const Duration held = step.held.in(parameters_);
    if (step.call) {
        const std::optional<Instant> returned = actors_.returned(*step.call);
        if (!returned || at - *returned < held) {
            return false;
        }
    }
    return std::all_of(std::begin(tracking::kSides), std::end(tracking::kSides), [&](Side side) {
        const std::optional<TcpState> wanted = step.when.of(side);
        const std::optional<StateObservation> current = observer_->current(side);
        return !wanted || (current && current->state == *wanted && at - current->seen >= held);
    });
}

/// Every step was taken, both ends and both programs are where the scenario ends, and the counts were compared since.
bool ScenarioRun::over() const {
    return step_ == scenario_.steps.size() && observer_->counts_compared() &&
           at_end(Side::server) && at_end(Side::client) && actors_.done(now());
}

/// Gone, in TIME-WAIT, which outlasts every run, or in the state in which the scenario ends.
bool ScenarioRun::at_end(Side side) const {
    const std::optional<StateObservation> current = observer_->current(side);
    return current && (current->state == TcpState::close || current->state == TcpState::time_wait ||
                       current->state == scenario_.expect.states.of(side).back().state);
}

void ScenarioRun::finish() {
    read_packets();
    if (capture_.lost() > 0) {
        fail(std::to_string(capture_.lost()) + " packets were not captured");
        return;
    }
    const auto before = host::tcp_events(counters_);
    CounterDeltas deltas;
    for (const auto& [event, count] : host::tcp_events(host::read_counters())) {
        const auto found = before.find(event);
        deltas.moved[event] = count - (found == before.end() ? 0 : found->second);
    }
    if (!host::counts_new_minisocks()) {  // they would tell of those that ended
        deltas.moved.erase("TW");
        deltas.moved.erase("TWKilled");
    }
    report(deltas);
    report_exact_states();
    report(Finished{now()});
}

std::string ScenarioRun::awaited() const {
    const auto state = [this](Side side) {
        const std::optional<StateObservation> current = observer_->current(side);
        return std::string(name(side)) + " " + (current ? name(current->state) : "unseen");
    };
    const std::string states = state(Side::server) + ", " + state(Side::client);
    if (step_ < scenario_.steps.size()) {
        return "waited to send " + programs::signal_name(scenario_.steps[step_].signal) + " with " +
               states;
    }
    return "waited for the end with " + states;
}

void ScenarioRun::fail(const std::string& what) {
    report(RunError{what});
    failed_ = true;
}

}  // namespace halfclosed::scenarios
