#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/run/pcap_file.h"
#include "scenarios/verdict/run.h"

namespace halfclosed {

/// --svg and --pcap; empty: no such file.
struct OutputPaths {
    std::string svg;
    std::string pcap;
};

/// The name of a file, unchanged. Throws std::invalid_argument for "-": standard output has the diagrams.
std::string parse_file_name(const std::string& text);

/// Throws std::invalid_argument if `count` scenarios would have their diagrams in one file.
void check_svg(const std::string& svg, std::size_t count);

/// Where the SVG diagram of a scenario goes: `svg` with the scenario's name in place of %s, or NAME.svg if `svg` is a
/// directory, else `svg` itself.
std::string svg_path(const std::string& svg, const std::string& scenario);

/// The files that --svg and --pcap ask for: a diagram of each run, and the packets of all runs one after another.
class OutputFiles {
 public:
    /// Checks that each file can be written, before anything is run. Throws std::system_error that names the file.
    OutputFiles(OutputPaths paths, const std::vector<const scenarios::Scenario*>& scenarios);

    /// Throws std::system_error that names the file.
    void add(const scenarios::Run& run);

    /// Names the files on standard error.
    void report() const;

 private:
    OutputPaths paths_;
    std::optional<scenarios::CaptureFile> capture_;
    std::vector<std::string> diagrams_;
    std::size_t traces_ = 0;
    std::size_t packets_ = 0;
};

}  // namespace halfclosed
