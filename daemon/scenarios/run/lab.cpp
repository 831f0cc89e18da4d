#include "scenarios/run/lab.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "posix/clock.h"
#include "posix/line_reader.h"
#include "scenarios/run/namespace_policy.h"
#include "scenarios/run/private_network.h"
#include "scenarios/run/sandbox.h"
#include "scenarios/run/stage.h"
#include "scenarios/trace/trace_line.h"

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kTellInterval = 100ms;
/// What setting up and taking down may take beyond the scenario's own limit.
constexpr std::chrono::seconds kGrace = 10s;

void send(int pipe, const TraceEvent& fact) {
    const std::string line = to_line(fact) + '\n';
    std::size_t sent = 0;
    while (sent < line.size()) {
        const auto written = write(pipe, line.data() + sent, line.size() - sent);
        if (written < 0 && errno != EINTR) {
            return;  // nobody reads: ScenarioRun asks has_reader()
        }
        sent += written < 0 ? 0 : static_cast<std::size_t>(written);
    }
}

/// Set to true once the namespaces are ours: what fails before is for the system's policy to
/// answer.
void play_inside(const Scenario& scenario, const LabOptions& options, int pipe, bool& entered) {
    enter_private_network();
    entered = true;
    std::map<std::string, std::string> sysctls = scenario.sysctls;
    sysctls["net.ipv4.tcp_fin_timeout"] = std::to_string(options.fin_timeout.count());
    set_up_network(sysctls);
    ScenarioRun run(
        scenario, options.parameters(), options.programs,
        [pipe](const TraceEvent& fact) { send(pipe, fact); }, [pipe] { return has_reader(pipe); });
    run.play();
}

TraceEvent failure(const std::exception& why, bool entered) {
    const auto* const system = dynamic_cast<const std::system_error*>(&why);
    if (system != nullptr && !entered) {
        return Refusal{explain_refusal(*system, read_namespace_policy())};
    }
    return RunError{why.what()};
}

/// Waits for news in the pipe, at most for kTellInterval. Throws StoppedError.
void wait(int pipe, int stop) {
    std::array<pollfd, 2> waiting{{{pipe, POLLIN, 0}, {stop, POLLIN, 0}}};
    poll(waiting.data(), stop < 0 ? 1 : 2, static_cast<int>(kTellInterval.count()));
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

Trace play(const Scenario& scenario, const LabOptions& options) {
    bool entered = false;
    Sandbox sandbox(
        [&](int pipe) { play_inside(scenario, options, pipe, entered); },
        [&entered](int pipe, const std::exception& why) { send(pipe, failure(why, entered)); });
    posix::LineReader facts(sandbox.take_pipe());
    const auto deadline =
        posix::boot_clock_now() + scenario.limit.in(options.parameters()) + kGrace;
    Trace trace;
    const auto read_facts = [&facts, &trace, &options] {
        return facts.read([&](const std::string& line) {
            const TraceEvent fact = parse_fact(line);
            tell(trace, fact);
            options.heard(fact);
        });
    };
    while (read_facts()) {
        options.told(trace);
        if (posix::boot_clock_now() > deadline) {
            tell(trace, RunError{"the stage did not end in time"});
            break;
        }
        wait(facts.descriptor(), options.stop);
    }
    if (trace.refusal) {
        throw RefusedError(*trace.refusal);
    }
    options.told(trace);
    return trace;
}

Outcome run(const Scenario& scenario, const LabOptions& options) {
    Outcome outcome;
    do {
        options.heard(Attempt{scenario.name, outcome.attempts + 1});
        outcome.trace = play(scenario, options);
        outcome.verdict = judge(scenario.expect, outcome.trace, options.parameters());
        ++outcome.attempts;
    } while (!outcome.verdict.conclusive && outcome.attempts < kAttempts);
    return outcome;
}

}  // namespace halfclosed::scenarios
