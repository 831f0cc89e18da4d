#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "daemon/command.h"
#include "daemon/flags.h"
#include "daemon/observer.h"
#include "daemon/terminal.h"
#include "host/processes.h"
#include "scenarios/enclosure.h"
#include "scenarios/lab.h"

namespace halfclosed {

namespace {

enum class Verdict { works, missing, fails };

/// One thing that this kernel and these privileges allow, or do not. What is missing is no failure: the rest works
/// without it.
struct Finding {
    std::string what;
    Verdict verdict;
    std::string note;
};

double milliseconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

Finding collector(const std::string& what, const Collector& collector) {
    if (!collector.error().empty()) {
        return {what, Verdict::fails, collector.error()};
    }
    return {what, Verdict::works,
            fmt::format("{:.1f} ms now", milliseconds(collector.health().duration))};
}

Finding field(const std::string& name, const tracking::Reconciled& counts) {
    std::string note = fmt::format("counted {}, kernel {}", counts.counted, counts.kernel);
    if (counts.elsewhere > 0) {
        note += fmt::format(", {} of them in other namespaces", counts.elsewhere);
    }
    return {"counts agree: " + name, counts.within ? Verdict::works : Verdict::fails, note};
}

template <typename Value>
Finding sysctl(const std::string& name, const std::optional<Value>& value, const std::string& why) {
    return value ? Finding{name, Verdict::works, std::string("readable")}
                 : Finding{name, Verdict::missing, why};
}

std::vector<Finding> findings(Observer& observer) {
    observer.poll();
    for (unsigned attempt = 0; attempt < tracking::Reconciler::kStrikes; ++attempt) {
        observer.take_census();
        if (observer.reconciled() || !observer.census().error().empty()) {
            break;
        }
    }
    const auto report = observer.report();
    std::vector<Finding> result{collector("closing poll (sock_diag)", observer.closing()),
                                collector("census (sock_diag)", observer.census())};
    for (const Collector* file : observer.kernel_files()) {
        result.push_back(collector(file->health().name + " (/proc)", *file));
    }
    result.push_back(sysctl("tcp_fin_timeout", report->kernel.tcp_fin_timeout, "no such sysctl"));
    result.push_back(sysctl("tcp_max_orphans", report->kernel.tcp_max_orphans,
                            "the kernel shows it in the initial network namespace only"));
    if (report->census && report->census->reconciliation) {
        const tracking::Reconciliation& counts = *report->census->reconciliation;
        result.push_back(field("inuse", counts.inuse));
        result.push_back(field("inuse6", counts.inuse6));
        result.push_back(field("orphan", counts.orphan));
        result.push_back(field("tw", counts.tw));
    }
    return result;
}

/// Whether the lab can have namespaces of its own: tried, not guessed.
Finding lab() {
    const std::string what = "private namespaces (the lab)";
    try {
        scenarios::find_programs();
        scenarios::Enclosure enclosure([](int) {}, [](int, const std::exception&) {});
        return {what, Verdict::works, geteuid() == 0 ? "as root" : "in a user namespace"};
    } catch (const std::exception& error) {
        return {what, Verdict::missing, error.what()};
    }
}

/// Whether the processes of other users can be told.
Finding processes() {
    const host::Holders holders = host::find_holders({});
    return holders.unreadable == 0
               ? Finding{"owners' processes", Verdict::works, "every process is readable"}
               : Finding{"owners' processes", Verdict::missing,
                         fmt::format("{} processes of others are not readable (CAP_SYS_PTRACE and "
                                     "CAP_DAC_READ_SEARCH); units are told all the same",
                                     holders.unreadable)};
}

void print(const Finding& finding, const exporters::TerminalStyle& style) {
    using exporters::Paint;
    std::string word;
    switch (finding.verdict) {
        case Verdict::works:
            word = exporters::painted("ok     ", Paint::green, style);
            break;
        case Verdict::missing:
            word = exporters::painted("missing", Paint::yellow, style);
            break;
        case Verdict::fails:
            word = exporters::painted("FAILS  ", Paint::red, style);
            break;
    }
    fmt::print("{}  {:<28}  {}\n", word, finding.what, finding.note);
}

int check(const CommonOptions& common) {
    Observer::Settings settings;
    settings.ports = common.ports;
    Observer observer(settings);
    const exporters::TerminalStyle style = terminal_style(common, 1);
    std::vector<Finding> all = findings(observer);
    all.push_back(processes());
    all.push_back(lab());
    int status = 0;
    for (const Finding& finding : all) {
        print(finding, style);
        if (finding.verdict == Verdict::fails) {
            status = 1;
        }
    }
    return status;
}

}  // namespace

void add_check(CLI::App& app, const CommonOptions& common, Run& chosen) {
    CLI::App* command = app.add_subcommand("check",
                                           "What this kernel and these privileges allow, and "
                                           "whether our counts agree with the kernel's");
    command->callback([&common, &chosen] { chosen = [&common] { return check(common); }; });
}

}  // namespace halfclosed
