#include "service/control_api.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>
#include <utility>

#include "exporters/json/status_json.h"
#include "posix/clock.h"
#include "scenarios/definition/catalogue.h"
#include "scenarios/run/lab.h"
#include "scenarios/verdict/run_json.h"
#include "service/run_order.h"
#include "text/json.h"
#include "text/log.h"
#include "text/utf8.h"

namespace halfclosed {

namespace {

using control::ScenarioQueue;
using http::Answer;
using http::Request;
using scenarios::Scenario;

constexpr const char* kLines = "application/x-ndjson";
constexpr std::string_view kReload = "/-/reload";
constexpr std::string_view kStatus = "/api/v1/status";
constexpr std::string_view kScenarios = "/api/v1/scenarios";

/// Goes through every state of an active and of a passive close but CLOSING, in a fraction of a second.
constexpr const char* kSelfTest = "late-close";

/// What a run may need: each attempt its limit, and as much again as the lab grants itself for setting up.
constexpr std::chrono::seconds kSettingUp{12};

const std::vector<std::string> kLab{"/proc/self/exe", "scenario", "run", "--stream"};

/// A peer that does not read while so much waits for it is gone for us.
constexpr std::size_t kMostUnread = std::size_t{4} * 1024 * 1024;

Answer say(unsigned status, const std::string& text) {
    return http::text_answer(status, http::kPlainText, text::printable_lines(text) + "\n");
}

ScenarioQueue::Job order_for(const Scenario& scenario, const scenarios::RunParameters& parameters) {
    return {scenario.name,
            {"--fin-timeout", fmt::format("{}s", parameters.fin_timeout.count()), "--hold",
             fmt::format("{}ms", parameters.hold / std::chrono::milliseconds{1})},
            scenarios::kAttempts * (scenario.limit.in(parameters) + kSettingUp),
            false,
            false};
}

Answer list() {
    std::string lines;
    for (const Scenario& scenario : scenarios::catalogue()) {
        lines += scenarios::listing_json(scenario) + "\n";
    }
    return http::text_answer(200, kLines, lines);
}

bool is_root(const Request& request) {
    return request.peer.process && request.peer.process->uid == 0;
}

std::string asked_by(const Request& request) {
    const auto& process = request.peer.process;
    return process ? fmt::format("uid {}, pid {}", process->uid, process->pid) : "nobody";
}

}  // namespace

ScenarioQueue::OnVerdict ControlApi::judging() {
    return [this](const ScenarioQueue::Job& job, const ScenarioQueue::Verdict& verdict) {
        judge(job, verdict);
    };
}

ControlApi::ControlApi(EventLoop& loop, Daemon daemon)
    : loop_(loop),
      daemon_(std::move(daemon)),
      lab_(loop, kLab, judging()),
      self_tests_(loop, kLab, judging()),
      next_test_(loop.timer([this] { test(); })) {
    for (const Scenario& scenario : scenarios::runnable_scenarios()) {
        runs_[scenario.name];
    }
}

void ControlApi::listen(const std::string& path) {
    server_.emplace(
        loop_, path, [this](const Request& request) { return answer(request); },
        [this](const Request& request) { return answer_at_once(request); });
}

void ControlApi::test_every(std::chrono::nanoseconds interval) {
    if (interval == self_test_.interval) {
        return;
    }
    self_test_.interval = interval;
    if (interval == std::chrono::nanoseconds{0}) {
        next_test_.stop();
    } else {
        next_test_.set(std::chrono::nanoseconds{0});
    }
}

void ControlApi::test() {
    next_test_.set(self_test_.interval);
    if (testing_) {
        return;
    }
    ScenarioQueue::Job job = order_for(*scenarios::find_scenario(kSelfTest), {});
    job.self_test = true;
    testing_ = self_tests_.place(std::move(job), {}).has_value();
}

void ControlApi::judge(const ScenarioQueue::Job& job, const ScenarioQueue::Verdict& verdict) {
    if (job.self_test) {
        testing_ = false;
        self_test_.last_run = std::chrono::system_clock::now();
    }
    // What could not be played, or seen, says nothing about TCP; as a self-test it has failed.
    if (verdict.result == ScenarioQueue::Result::not_run && !job.self_test) {
        log::warn("scenario {} has no verdict: {}", job.scenario, verdict.why);
        return;
    }
    const bool passed = verdict.result == ScenarioQueue::Result::pass;
    exporters::ScenarioRuns& runs = runs_[job.scenario];
    ++(passed ? runs.passed : runs.failed);
    runs.last_run = std::chrono::system_clock::now();
    daemon_.tell(exporters::scenario_verdict(job.scenario, passed, verdict.why));
}

/// In a thread of the server.
std::optional<Answer> ControlApi::answer_at_once(const Request& request) {
    const bool order =
        request.path == kReload || request.path == kStatus || request.path.starts_with(kScenarios);
    if (!order) {
        return daemon_.page(request);
    }
    const Instant now{posix::monotonic_clock_now()};
    const std::lock_guard lock(mutex_);
    Limits& limits = is_root(request) ? of_root_ : of_others_;
    OrderLimit& limit =
        request.path == kReload && request.method == "POST" ? limits.reloads : limits.orders;
    if (limit.take(now)) {
        return std::nullopt;
    }
    ++refused_;
    const auto wait = std::chrono::ceil<std::chrono::seconds>(limit.wait(now));
    Answer refused = say(429, "asked for too often; try again later");
    refused.headers.emplace_back("Retry-After", std::to_string(wait.count()));
    return refused;
}

Answer ControlApi::answer(const Request& request) {
    {
        const std::lock_guard lock(mutex_);
        if (const std::uint64_t refused = std::exchange(refused_, 0)) {
            log::warn("{} orders refused: they came too often", refused);
        }
    }
    const std::string_view path = request.path;
    if (path == kReload) {
        return reload(request);
    }
    if (path == kStatus) {
        return request.method == "GET" ? status() : http::method_not_allowed("GET");
    }
    if (path == kScenarios) {
        return request.method == "GET" ? list() : http::method_not_allowed("GET");
    }
    if (const auto name = scenario_to_run(path)) {
        return run(request, *name);
    }
    return daemon_.page(request);
}

Answer ControlApi::status() const {
    const auto snapshot = daemon_.snapshot();
    return http::text_answer(
        200, "application/json",
        exporters::status_json(*snapshot, Instant{posix::monotonic_clock_now()},
                               daemon_.addresses()));
}

Answer ControlApi::reload(const Request& request) {
    if (request.method != "POST") {
        return http::method_not_allowed("POST");
    }
    log::info("reload requested by {}", asked_by(request));
    const auto [trouble, at_next_start] = daemon_.reload();
    if (!trouble.empty()) {
        return say(500, "not reloaded, the old configuration stays: " + trouble);
    }
    return say(200, "reloaded" + (at_next_start.empty() ? "" : "\n" + at_next_start));
}

Answer ControlApi::run(const Request& request, const std::string& name) {
    const Scenario* const scenario = scenarios::find_scenario(name);
    if (scenario == nullptr) {
        return say(404, "unknown scenario '" + name + "': GET /api/v1/scenarios names them");
    }
    if (request.method != "POST") {
        return http::method_not_allowed("POST");
    }
    if (scenario->unavailable) {
        return say(409, name + " is unavailable: " + *scenario->unavailable);
    }
    scenarios::RunParameters parameters;
    try {
        parameters = run_parameters(request, max_hold_);
    } catch (const std::invalid_argument& error) {
        return say(400, error.what());
    }
    const auto id = std::make_shared<std::optional<ScenarioQueue::JobId>>();
    // The reader's end comes from a thread of the server.
    const auto stream = std::make_shared<http::Stream>(kMostUnread, [this, id] {
        loop_.post([this, id] {
            if (*id) {
                lab_.cancel(**id);
            }
        });
    });
    const std::size_t ahead = lab_.length();
    ScenarioQueue::Job job = order_for(*scenario, parameters);
    job.from_root = is_root(request);
    *id = lab_.place(std::move(job),
                     {[stream](const std::string& line) { stream->write(line + "\n"); },
                      [stream] { stream->end(); }});
    if (!*id) {
        Answer refused =
            say(503, fmt::format("busy: {} runs wait already; try again later", ahead - 1));
        refused.headers.emplace_back("Retry-After", "10");
        return refused;
    }
    if (ahead > 0) {
        stream->write(text::Json{{"fact", "queued"}, {"ahead", ahead}}.dump() + "\n");
    }
    log::info("scenario {} requested by {}", name, asked_by(request));
    return http::stream_answer(kLines, stream);
}

}  // namespace halfclosed
