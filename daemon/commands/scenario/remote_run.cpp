#include "commands/scenario/remote_run.h"

#include <fmt/format.h>

#include "control/control_client.h"
#include "scenarios/run/sandbox.h"
#include "scenarios/trace/trace_line.h"
#include "text/json_value.h"
#include "text/log.h"

namespace halfclosed {

RemoteRun::RemoteRun(const scenarios::Scenario& scenario, const scenarios::LabOptions& options)
    : options_(options), run_{scenario, options.parameters, {}, {}, 0} {
}

void RemoteRun::add_line(const std::string& line) {
    text::JsonValue json;
    try {
        json = text::parse_json(line);
        if (json.text_of("fact") == "queued") {
            const text::JsonValue* const ahead = json.find("ahead");
            log::info("the daemon is busy: {} runs are queued before this one",
                      ahead != nullptr ? ahead->whole<std::uint64_t>() : 0);
            return;
        }
    } catch (const text::JsonError& error) {
        throw scenarios::TraceLineError(error.what());
    }
    if (json.text_of("schema") == "halfclosed.scenario/1") {
        result_ = json.text_of("result");
        return;
    }
    const scenarios::TraceEvent event = scenarios::parse_trace_line(line);
    if (std::holds_alternative<scenarios::Attempt>(event)) {
        ++run_.attempts;
    }
    add(run_.trace, event);
    options_.on_event(event);
    options_.on_progress(run_.trace);
}

scenarios::Run RemoteRun::finish() {
    if (run_.trace.refusal) {
        throw scenarios::RefusedError(*run_.trace.refusal);
    }
    if (result_.empty()) {
        throw control::ControlError(
            "the daemon gave no verdict: " +
            (run_.trace.errors.empty() ? "the connection ended" : run_.trace.errors.back()));
    }
    run_.verdict = judge(run_.scenario.expect, run_.trace, run_.parameters);
    const std::string_view own = run_.verdict.passed() ? "pass" : "fail";
    if (result_ != own) {
        log::warn("the daemon's verdict on {} is not {}: is it of another version?",
                  run_.scenario.name, own);
    }
    return std::move(run_);
}

scenarios::Run run_remotely(const std::string& socket, const scenarios::Scenario& scenario,
                            const scenarios::LabOptions& options) {
    RemoteRun run(scenario, options);
    const scenarios::RunParameters& parameters = options.parameters;
    const std::string target =
        fmt::format("/api/v1/scenarios/{}/run?fin-timeout={}s&hold={}ms", scenario.name,
                    parameters.fin_timeout.count(), parameters.hold / std::chrono::milliseconds{1});
    const bool complete = control::ask(
        control::Method::post, socket, target,
        [&run](const std::string& line) { run.add_line(line); }, options.stop);
    if (!complete) {
        throw scenarios::StoppedError();
    }
    return run.finish();
}

}  // namespace halfclosed
