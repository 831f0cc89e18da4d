#include "scenarios/stage.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <system_error>

#include "host/clock.h"
#include "programs/signal_name.h"
#include "scenarios/time_text.h"

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kPort = 9999;
constexpr std::chrono::milliseconds kPollInterval = 1ms;
constexpr std::chrono::seconds kStartLimit = 5s;
constexpr unsigned kFailedLooks = 3;
constexpr std::chrono::milliseconds kSilence = 300ms;

Instant now() {
    return instant(host::boot_clock_now());
}

}  // namespace

Stage::Stage(const Scenario& scenario, std::chrono::seconds fin_timeout,
             std::filesystem::path programs, Telling telling, std::function<bool()> alive)
    : scenario_(scenario),
      fin_timeout_(fin_timeout),
      programs_(std::move(programs)),
      telling_(std::move(telling)),
      alive_(std::move(alive)),
      wire_(kPort) {
}

void Stage::play() {
    counters_ = host::read_counters();
    listen();
    if (!failed_) {
        connect();
    }
    while (go_on()) {
        wait_a_moment();
        listen_to_programs();
        listen_to_wire();
        look();
        take_step();
    }
    if (!failed_) {
        close_the_books();
    }
}

void Stage::listen() {
    performers_.server = start(scenario_.actors.server, Side::server);
    deadline_ = now() + kStartLimit;
    while (!failed_ && !listening_) {
        wait_a_moment();
        listen_to_programs();
        if (now() > deadline_) {
            trouble("the server did not listen within " + time_text(kStartLimit));
        }
    }
}

void Stage::connect() {
    deadline_ = now() + scenario_.limit.in(fin_timeout_);
    observer_.emplace(kPort, fin_timeout_, now());
    while (!failed_ && !observer_->at_rest()) {
        look();  // the counts before anything happens
    }
    performers_.client = start(scenario_.actors.client, Side::client);
}

std::unique_ptr<Performer> Stage::start(const Actor& actor, Side side) {
    try {
        return std::make_unique<Performer>(programs_ / actor.program, actor.flags);
    } catch (const std::system_error& error) {
        trouble(std::string("the ") + name(side) + " could not be started: " + error.what());
        return nullptr;
    }
}

bool Stage::go_on() {
    if (failed_ || over() || !alive_()) {
        return false;
    }
    if (now() > deadline_) {
        trouble("given up after " + time_text(scenario_.limit.in(fin_timeout_)) + ": " +
                what_is_awaited());
        return false;
    }
    return true;
}

void Stage::wait_a_moment() {
    std::array<pollfd, 2> reports{};
    nfds_t count = 0;
    for (const Side side : tracking::kSides) {
        if (performers_.of(side) != nullptr && performers_.of(side)->running()) {
            reports[count++] = {performers_.of(side)->descriptor(), POLLIN, 0};
        }
    }
    poll(reports.data(), count, static_cast<int>(kPollInterval.count()));
}

void Stage::listen_to_programs() {
    for (const Side side : tracking::kSides) {
        Performer* const performer = performers_.of(side).get();
        if (performer == nullptr) {
            continue;
        }
        // The end first: what the program reported before it is then in the pipe.
        const std::optional<Exit> end = performer->take_end();
        for (const programs::Call& call : performer->take_calls()) {
            telling_(MadeCall{side, call});
            ++calls_.of(side);
            last_call_ = now();
            listening_ = listening_ || (call.name == "listen" && call.error == 0);
            if (observer_ && call.error == 0 && (call.name == "connect" || call.name == "accept")) {
                observer_->existed(side, instant(call.ended));
                connected_ = connected_ || side == Side::client;
            }
        }
        if (!end) {
            continue;
        }
        if (side == Side::client) {
            client_ended_ = true;
            telling_(Ended{side, *end, now()});
        }
        if (side == Side::server || !connected_) {
            trouble(std::string("the ") + name(side) +
                    " ended too early: " + performer->last_words());
        }
    }
}

void Stage::listen_to_wire() {
    for (const Packet& packet : wire_.take()) {
        telling_(packet);
    }
}

void Stage::look() {
    Look look;
    try {
        look.from = now();
        session_.dump({}, [&look](const SocketRecord& record) { look.sockets.push_back(record); });
        look.to = now();
        for (const Fact& fact : observer_->observe(look)) {
            telling_(fact);
        }
        std::vector<tracking::Confirmation> answers;
        for (const SocketIdentity& socket : observer_->missing()) {
            const auto found = session_.get(socket);
            answers.push_back({socket.cookie, found ? std::optional(found->record) : std::nullopt});
        }
        for (const Fact& fact : observer_->confirm(answers, now())) {
            telling_(fact);
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

void Stage::take_step() {
    if (step_ >= scenario_.steps.size()) {
        return;
    }
    const Step& step = scenario_.steps[step_];
    const Instant at = now();
    for (const Side side : tracking::kSides) {
        const std::optional<TcpState> wanted = step.when.of(side);
        const std::optional<Sighting> standing = observer_->standing(side);
        if (wanted && (!standing || standing->state != *wanted ||
                       at - standing->seen < step.held.in(fin_timeout_))) {
            return;
        }
    }
    ++step_;
    telling_(SentSignal{step.to, step.signal, at});
    performers_.of(step.to)->signal(step.signal);
}

/// The client's end is gone and its program too, the server's is gone or in TIME-WAIT, and the
/// counts were compared since.
bool Stage::over() const {
    const std::optional<Sighting> server = observer_->standing(Side::server);
    const std::optional<Sighting> client = observer_->standing(Side::client);
    return client_ended_ && step_ == scenario_.steps.size() && observer_->at_rest() && server &&
           client && client->state == TcpState::close &&
           (server->state == TcpState::close || server->state == TcpState::time_wait) &&
           heard_out();
}

/// A program reports a call after the kernel has done it, sometimes well after. Whether all have come is known only
/// where as many came as are expected; else silence must do.
bool Stage::heard_out() const {
    const bool all = std::all_of(
        std::begin(tracking::kSides), std::end(tracking::kSides),
        [this](Side side) { return calls_.of(side) >= scenario_.expect.calls.of(side).size(); });
    return all || now() - last_call_ > kSilence;
}

void Stage::close_the_books() {
    listen_to_wire();
    if (wire_.lost() > 0) {
        trouble(std::to_string(wire_.lost()) + " packets were not captured");
        return;
    }
    const auto before = host::tcp_events(counters_);
    EventDeltas deltas;
    for (const auto& [event, count] : host::tcp_events(host::read_counters())) {
        const auto found = before.find(event);
        deltas.events[event] = count - (found == before.end() ? 0 : found->second);
    }
    telling_(deltas);
    telling_(Finished{now()});
}

std::string Stage::what_is_awaited() const {
    const auto state = [this](Side side) {
        const std::optional<Sighting> standing = observer_->standing(side);
        return std::string(name(side)) + " " + (standing ? name(standing->state) : "unseen");
    };
    const std::string standing = state(Side::server) + ", " + state(Side::client);
    if (step_ < scenario_.steps.size()) {
        return "waited for the moment of " + programs::signal_name(scenario_.steps[step_].signal) +
               " with " + standing;
    }
    return "waited for the end with " + standing;
}

void Stage::trouble(const std::string& what) {
    telling_(Trouble{what});
    failed_ = true;
}

}  // namespace halfclosed::scenarios
