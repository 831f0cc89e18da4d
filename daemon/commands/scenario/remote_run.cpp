#include "commands/scenario/remote_run.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "control/control_client.h"
#include "scenarios/run/sandbox.h"
#include "scenarios/trace/trace_line.h"

namespace halfclosed {

using namespace scenarios;

namespace {

using Json = nlohmann::json;

/// Puts an outcome together from the lines of the daemon's answer.
class Listener {
 public:
    explicit Listener(const LabOptions& options) : options_(options) {}

    void hear(const std::string& line) {
        const Json json = Json::parse(line, nullptr, false);
        if (json.is_object() && json.contains("schema")) {
            judge(json);
            return;
        }
        if (json.is_object() && json.value("fact", "") == "queued") {
            spdlog::info("the daemon is busy: {} runs are ahead", json.value("ahead", 0));
            return;
        }
        const TraceEvent fact = parse_fact(line);
        if (std::holds_alternative<Attempt>(fact)) {
            ++outcome_.attempts;
        }
        tell(outcome_.trace, fact);
        options_.heard(fact);
        options_.told(outcome_.trace);
    }

    Outcome take() {
        if (outcome_.trace.refusal) {
            throw RefusedError(*outcome_.trace.refusal);
        }
        if (!judged_) {
            throw control::ControlError("the daemon gave no verdict: " +
                                        (outcome_.trace.troubles.empty()
                                             ? "the connection ended"
                                             : outcome_.trace.troubles.back()));
        }
        return std::move(outcome_);
    }

 private:
    void judge(const Json& json) {
        judged_ = true;
        outcome_.verdict.conclusive = json.value("conclusive", true);
        if (json.value("result", "") != "pass") {
            const auto why = json.find("why");
            outcome_.verdict.faults.push_back(why != json.end() && why->is_string()
                                                  ? why->get<std::string>()
                                                  : "the daemon does not say why");
        }
    }

    const LabOptions& options_;
    Outcome outcome_;
    bool judged_ = false;
};

}  // namespace

Outcome play_via(const std::string& socket, const Scenario& scenario, const LabOptions& options) {
    Listener listener(options);
    const std::string target =
        fmt::format("/api/v1/scenarios/{}/run?fin_timeout={}s&hold={}ms", scenario.name,
                    options.fin_timeout.count(), options.hold / std::chrono::milliseconds{1});
    const bool complete = control::post(
        socket, target, [&listener](const std::string& line) { listener.hear(line); },
        options.stop);
    if (!complete) {
        throw StoppedError();
    }
    return listener.take();
}

}  // namespace halfclosed
