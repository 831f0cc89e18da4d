#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/definition/scenario.h"
#include "scenarios/run/pcap_file.h"
#include "scenarios/trace/trace.h"
#include "scenarios/verdict/verdict.h"

namespace halfclosed {

/// What --svg and --pcap say; empty: no such file.
struct StoryFileNames {
    std::string svg;
    std::string pcap;
};

/// A name for a file, as it is. Throws std::invalid_argument for "-": the figures have standard output.
std::string parse_file_name(const std::string& text);

/// Throws std::invalid_argument where `count` scenarios would have their pictures in one file.
void check_svg(const std::string& svg, std::size_t count);

/// Where the picture of a scenario goes: `svg` with the scenario's name in place of %s, or NAME.svg in the directory
/// that it names, or `svg` itself.
std::string picture_path(const std::string& svg, const std::string& scenario);

/// The files that a run of scenarios leaves: a picture of each trace, and the packets of all of them, one after another.
class StoryFiles {
 public:
    /// Sees that each file can be written before anything is played. Throws std::system_error that names it.
    StoryFiles(StoryFileNames names, const std::vector<const scenarios::Scenario*>& scenarios);

    /// Throws std::system_error that names the file.
    void add(const scenarios::Scenario& scenario, const scenarios::Trace& trace,
             const scenarios::Verdict& verdict, std::chrono::seconds fin_timeout);

    /// Says on standard error what is where.
    void snapshot() const;

 private:
    StoryFileNames names_;
    std::optional<scenarios::CaptureFile> capture_;
    std::vector<std::string> pictures_;
    std::size_t packets_ = 0;
};

}  // namespace halfclosed
