#include "scenarios/run/lab.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "posix/clock.h"
#include "posix/line_reader.h"
#include "posix/output_file.h"
#include "scenarios/run/namespace_policy.h"
#include "scenarios/run/private_network.h"
#include "scenarios/run/sandbox.h"
#include "scenarios/run/scenario_run.h"
#include "scenarios/trace/trace_line.h"

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kProgressInterval = 100ms;
/// What setting up and taking down may take beyond the scenario's own limit.
constexpr std::chrono::seconds kGrace = 10s;

void send(int pipe, const TraceEvent& event) {
    const std::string line = to_line(event) + '\n';
    std::size_t sent = 0;
    while (sent < line.size()) {
        const auto written = write(pipe, line.data() + sent, line.size() - sent);
        if (written < 0 && errno != EINTR) {
            return;  // no reader: ScenarioRun asks has_reader()
        }
        sent += written < 0 ? 0 : static_cast<std::size_t>(written);
    }
}

/// Sets `entered` once the namespaces are ours: what fails before is due to the system's policy.
void run_inside(const Scenario& scenario, const LabOptions& options, int pipe, bool& entered) {
    enter_private_network();
    entered = true;
    std::map<std::string, std::string> sysctls = scenario.sysctls;
    sysctls["net.ipv4.tcp_fin_timeout"] = std::to_string(options.parameters.fin_timeout.count());
    set_up_network(sysctls);
    ScenarioRun run(
        scenario, options.parameters, options.programs, options.exact,
        [pipe](const TraceEvent& event) { send(pipe, event); },
        [pipe] { return posix::has_reader(pipe); });
    run.run();
}

TraceEvent failure(const std::exception& why, bool entered) {
    const auto* const system = dynamic_cast<const std::system_error*>(&why);
    if (system != nullptr && !entered) {
        return Refusal{explain_refusal(*system, read_namespace_policy())};
    }
    return RunError{why.what()};
}

/// Waits for something to read in the pipe, at most for kProgressInterval. Throws StoppedError.
void wait(int pipe, int stop) {
    std::array<pollfd, 2> waiting{{{pipe, POLLIN, 0}, {stop, POLLIN, 0}}};
    poll(waiting.data(), stop < 0 ? 1 : 2, static_cast<int>(kProgressInterval.count()));
    if (stop >= 0 && waiting[1].revents != 0) {
        throw StoppedError();
    }
}

}  // namespace

std::filesystem::path find_programs() {
    const auto complete = [](const std::filesystem::path& directory) {
        return access((directory / "daytime-server").c_str(), X_OK) == 0 &&
               access((directory / "daytime-client").c_str(), X_OK) == 0;
    };
    std::error_code unreadable;
    const std::filesystem::path beside =
        std::filesystem::read_symlink("/proc/self/exe", unreadable).parent_path();
    const std::filesystem::path installed = HALFCLOSED_LIBEXEC_DIR;
    for (const auto& directory : {beside, installed}) {
        if (complete(directory)) {
            return directory;
        }
    }
    throw ProgramsMissingError("daytime-server and daytime-client are neither in " +
                               beside.string() + " nor in " + installed.string());
}

Trace run_once(const Scenario& scenario, const LabOptions& options) {
    bool entered = false;
    Sandbox sandbox(
        [&](int pipe) { run_inside(scenario, options, pipe, entered); },
        [&entered](int pipe, const std::exception& why) { send(pipe, failure(why, entered)); });
    posix::LineReader lines(sandbox.take_pipe());
    const auto deadline = posix::boot_clock_now() + scenario.limit.in(options.parameters) + kGrace;
    Trace trace;
    const auto read_lines = [&lines, &trace, &options] {
        return lines.read([&](const std::string& line) {
            const TraceEvent event = parse_trace_line(line);
            add(trace, event);
            options.on_event(event);
        });
    };
    while (read_lines()) {
        options.on_progress(trace);
        if (posix::boot_clock_now() > deadline) {
            add(trace, RunError{"the run did not end in time"});
            break;
        }
        wait(lines.descriptor(), options.stop);
    }
    if (trace.refusal) {
        throw RefusedError(*trace.refusal);
    }
    options.on_progress(trace);
    return trace;
}

Run run(const Scenario& scenario, const LabOptions& options) {
    Run run{scenario, options.parameters, {}, {}, 0};
    do {
        options.on_event(Attempt{scenario.name, ++run.attempts});
        run.trace = run_once(scenario, options);
        run.verdict = judge(scenario.expect, run.trace, options.parameters);
    } while (!run.verdict.conclusive && run.attempts < kAttempts);
    return run;
}

}  // namespace halfclosed::scenarios
