#pragma once

#include <string>
#include <vector>

#include "commands/check_report.h"
#include "exporters/snapshot/snapshot.h"
#include "history/history_query.h"

namespace halfclosed {

/// What a report tells.
struct ReportContents {
    exporters::Snapshot snapshot;
    std::string kernel;  ///< "Linux 6.18.0 x86_64"
    std::vector<CheckResult> checks;
    std::vector<history::HistoryRow> history;  ///< the latest last
    std::string no_history;                    ///< why there is none
    bool masked = false;
};

/// Sockets, and recorded ones, that a report lists at most.
inline constexpr std::size_t kMostReported = 1'000;

/// One HTML document that needs nothing beside itself, and has no script.
std::string report_page(const ReportContents& contents);

}  // namespace halfclosed
