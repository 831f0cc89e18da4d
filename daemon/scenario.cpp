#include <langinfo.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "daemon/command.h"
#include "daemon/flags.h"
#include "daemon/logging.h"
#include "daemon/story_files.h"
#include "exporters/event.h"
#include "host/clock.h"
#include "host/file.h"
#include "scenarios/catalogue.h"
#include "scenarios/enclosure.h"
#include "scenarios/figure.h"
#include "scenarios/lab.h"
#include "scenarios/screen.h"
#include "scenarios/story_json.h"

namespace halfclosed {

namespace {

using namespace scenarios;

struct ScenarioOptions {
    std::vector<std::string> names;
    std::chrono::seconds fin_timeout{2};
    bool json = false;
    StoryFileNames files;
};

/// A FIN-WAIT-2 that nobody holds is a minisock for the whole of its time only up to TCP_TIMEWAIT_LEN, 60 s
/// (net/ipv4/tcp.c:__tcp_close); the sysctl has whole seconds.
std::chrono::seconds parse_fin_timeout(const std::string& text) {
    const std::chrono::nanoseconds duration = parse_duration(text);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
    if (seconds != duration || seconds < std::chrono::seconds{1} ||
        seconds > std::chrono::seconds{60}) {
        throw std::invalid_argument("'" + text + "' is not in whole seconds from 1s to 60s");
    }
    return seconds;
}

std::string check_name(const std::string& name) {
    if (name == "all" || find_scenario(name) != nullptr) {
        return {};
    }
    return "unknown scenario '" + name + "'; 'halfclosed scenario list' names them";
}

/// While it lives, SIGINT and its like do not end the program but make a descriptor readable.
class StopSignals {
 public:
    StopSignals() {
        sigemptyset(&signals_);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
            sigaddset(&signals_, signal);
        }
        sigprocmask(SIG_BLOCK, &signals_, &before_);
        descriptor_ = host::Descriptor(signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK));
        if (!descriptor_) {
            throw std::system_error(errno, std::generic_category(), "signalfd");
        }
    }
    ~StopSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    int descriptor() const { return descriptor_.get(); }

    /// The signal that came; 0: none.
    int take() const {
        signalfd_siginfo info{};
        const bool came = read(descriptor(), &info, sizeof info) == sizeof info;
        return came ? static_cast<int>(info.ssi_signo) : 0;
    }

 private:
    sigset_t signals_{};
    sigset_t before_{};
    host::Descriptor descriptor_;
};

void print(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
        std::puts(line.c_str());
    }
}

/// Shows one run on standard output as people like it: live on a terminal, else when it is over.
class Presentation {
 public:
    Presentation(const Scenario& scenario, const ScenarioOptions& options, const FigureStyle& style)
        : scenario_(scenario),
          options_(options),
          style_(style),
          live_(Screen::fits(STDOUT_FILENO)) {
        print(heading(scenario_, options_.fin_timeout, style_));
        std::fflush(stdout);
    }

    void follow(const Story& story) {
        if (live_) {
            screen_.show(figure(story, style_, tracking::Instant{host::boot_clock_now()}));
        }
    }

    void finish(const Outcome& outcome) {
        std::vector<std::string> lines = figure(outcome.story, style_);
        const auto verdict = verdict_lines(scenario_, outcome.story, outcome.verdict, style_);
        lines.insert(lines.end(), verdict.begin(), verdict.end());
        lines.emplace_back();
        if (live_) {
            screen_.show(lines);
        } else {
            print(lines);
            std::fflush(stdout);
        }
    }

 private:
    const Scenario& scenario_;
    const ScenarioOptions& options_;
    FigureStyle style_;
    bool live_;
    Screen screen_{STDOUT_FILENO};
};

FigureStyle figure_style(const CommonOptions& common) {
    // The encoding of the terminal is the one of the locale.
    std::setlocale(LC_CTYPE, "");
    const bool utf8 = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
    std::setlocale(LC_CTYPE, "C");
    return {common.color_on(STDOUT_FILENO), utf8};
}

/// On standard error: standard output is for stories.
void say_unavailable(const Scenario& scenario, const char* so) {
    std::fprintf(stderr, "%s: %s: %s\n", scenario.name.c_str(), so, scenario.unavailable->c_str());
}

std::vector<const Scenario*> chosen_scenarios(const std::vector<std::string>& names) {
    std::vector<const Scenario*> scenarios;
    for (const std::string& name : names) {
        if (name != "all") {
            scenarios.push_back(find_scenario(name));
            continue;
        }
        for (const Scenario& scenario : catalogue()) {
            if (scenario.unavailable) {
                say_unavailable(scenario, "passed over");
            } else {
                scenarios.push_back(&scenario);
            }
        }
    }
    return scenarios;
}

Outcome play_one(const Scenario& scenario, const ScenarioOptions& options, LabOptions lab,
                 const FigureStyle& style) {
    if (options.json) {
        Outcome outcome = run(scenario, lab);
        std::puts(
            scenario_json(scenario, outcome.story, outcome.verdict, options.fin_timeout).c_str());
        std::fflush(stdout);
        return outcome;
    }
    Presentation presentation(scenario, options, style);
    lab.told = [&presentation](const Story& story) { presentation.follow(story); };
    Outcome outcome = run(scenario, lab);
    presentation.finish(outcome);
    return outcome;
}

/// Returns whether it passed.
bool run_one(const CommonOptions& common, const Scenario& scenario, const ScenarioOptions& options,
             const LabOptions& lab, const FigureStyle& style, StoryFiles& files) {
    if (scenario.unavailable) {
        say_unavailable(scenario, "unavailable");
        return false;
    }
    const Outcome outcome = play_one(scenario, options, lab, style);
    const Verdict& verdict = outcome.verdict;
    files.add(scenario, outcome.story, verdict, options.fin_timeout);
    if (log_is_structured(common)) {
        event_sink(common)(
            exporters::scenario_verdict(scenario.name, verdict.passed(), verdict.why()),
            std::chrono::system_clock::now());
    }
    return verdict.passed();
}

int run_scenarios(const CommonOptions& common, const ScenarioOptions& options) {
    const FigureStyle style = figure_style(common);
    const std::vector<const Scenario*> scenarios = chosen_scenarios(options.names);
    StoryFiles files(options.files, scenarios);
    int stopped_by = 0;
    std::size_t passed = 0;
    {
        const StopSignals stop;
        LabOptions lab;
        lab.fin_timeout = options.fin_timeout;
        lab.programs = find_programs();
        lab.stop = stop.descriptor();
        try {
            for (const Scenario* const scenario : scenarios) {
                passed += run_one(common, *scenario, options, lab, style, files) ? 1 : 0;
            }
        } catch (const StoppedError&) {
            stopped_by = stop.take();
        }
    }
    files.report();
    if (stopped_by != 0) {
        // Everything is gone by now: end as the signal would have ended us, for whoever sent it to see.
        std::signal(stopped_by, SIG_DFL);
        raise(stopped_by);
    }
    if (!options.json && scenarios.size() > 1) {
        std::printf("%zu of %zu scenarios passed\n", passed, scenarios.size());
    }
    return passed == scenarios.size() ? 0 : 1;
}

int list_scenarios(const ScenarioOptions& options) {
    std::size_t widest = 0;
    for (const Scenario& scenario : catalogue()) {
        widest = std::max(widest, scenario.name.size());
    }
    for (const Scenario& scenario : catalogue()) {
        if (options.json) {
            std::puts(listing_json(scenario).c_str());
        } else {
            std::printf("%-*s  %s%s\n", static_cast<int>(widest), scenario.name.c_str(),
                        scenario.summary.c_str(), scenario.unavailable ? " (unavailable)" : "");
        }
    }
    return 0;
}

}  // namespace

void add_scenario(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App* const command = app.add_subcommand(
        "scenario",
        "Replay the ways in which a connection can end, in a private network namespace, and judge "
        "what the kernel did");
    command->require_subcommand(1);
    auto options = std::make_shared<ScenarioOptions>();

    CLI::App* const list = command->add_subcommand("list", "Name the scenarios");
    list->add_flag("--json", options->json,
                   "A JSON object a line, schema halfclosed.scenario-list/1");
    list->callback([&chosen, options] { chosen = [options] { return list_scenarios(*options); }; });

    CLI::App* const run = command->add_subcommand("run", "Run scenarios and judge them");
    run->add_option("name", options->names, "Names of scenarios, or all")
        ->required()
        ->check(CLI::Validator([](std::string& name) { return check_name(name); }, ""))
        ->type_name("NAME");
    add_value(*run, "--fin-timeout", options->fin_timeout, parse_fin_timeout, "DURATION", "2s",
              "How long FIN-WAIT-2 lasts: tcp_fin_timeout of the private namespace, 1s to 60s");
    run->add_flag("--json", options->json, "A JSON object a line, schema halfclosed.scenario/1");
    add_value(
        *run, "--svg", options->files.svg, parse_file_name, "FILE", "",
        "Draw the story there as an SVG picture; for several scenarios a directory, or a file "
        "with %s for the scenario's name");
    add_value(*run, "--pcap", options->files.pcap, parse_file_name, "FILE", "",
              "Write the packets there, of all scenarios in their order, for Wireshark and tshark");
    run->callback([&common, &chosen, options] {
        try {
            check_svg(options->files.svg, chosen_scenarios(options->names).size());
        } catch (const std::invalid_argument& error) {
            throw CLI::ValidationError("--svg", error.what());
        }
        chosen = [&common, options] { return run_scenarios(common, *options); };
    });
}

}  // namespace halfclosed
