#include "commands/scenario/output_files.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <system_error>

#include "posix/output_file.h"
#include "scenarios/diagram/svg_diagram.h"

namespace halfclosed {

namespace {

constexpr std::string_view kName = "%s";

bool takes_several(const std::string& svg) {
    std::error_code unknown;
    return svg.find(kName) != std::string::npos || svg.ends_with('/') ||
           std::filesystem::is_directory(svg, unknown);
}

}  // namespace

std::string parse_file_name(const std::string& text) {
    if (text.empty()) {
        throw std::invalid_argument("is empty");
    }
    if (text == "-") {
        throw std::invalid_argument("'-': standard output has the diagrams; name a file");
    }
    return text;
}

void check_svg(const std::string& svg, std::size_t count) {
    if (count > 1 && !svg.empty() && !takes_several(svg)) {
        throw std::invalid_argument("'" + svg + "' is one file, and " + std::to_string(count) +
                                    " scenarios have a diagram each: name a directory, or a file "
                                    "with %s for the scenario's name");
    }
}

std::string svg_path(const std::string& svg, const std::string& scenario) {
    std::string name = scenario;
    std::replace(name.begin(), name.end(), '/', '_');
    if (const std::size_t place = svg.find(kName); place != std::string::npos) {
        std::string path = svg;
        return path.replace(place, kName.size(), name);
    }
    return takes_several(svg) ? (std::filesystem::path(svg) / (name + ".svg")).string() : svg;
}

OutputFiles::OutputFiles(OutputPaths paths,
                         const std::vector<const scenarios::Scenario*>& scenarios)
    : paths_(std::move(paths)) {
    if (!paths_.svg.empty()) {
        for (const scenarios::Scenario* const scenario : scenarios) {
            posix::check_writable(svg_path(paths_.svg, scenario->name));
        }
    }
    if (!paths_.pcap.empty()) {
        capture_.emplace(paths_.pcap);
    }
}

void OutputFiles::add(const scenarios::Run& run) {
    if (!paths_.svg.empty()) {
        diagrams_.push_back(svg_path(paths_.svg, run.scenario.name));
        posix::OutputFile file(diagrams_.back());
        file.write(scenarios::svg_diagram(run));
        file.publish();
    }
    if (capture_) {
        capture_->add(run.trace);
        ++traces_;
        packets_ += run.trace.packets.size();
    }
}

void OutputFiles::report() const {
    for (const std::string& path : diagrams_) {
        std::fprintf(stderr, "picture: %s\n", path.c_str());
    }
    if (capture_ && traces_ > 0) {
        std::fprintf(stderr, "packets: %zu in %s\n", packets_, paths_.pcap.c_str());
    }
}

}  // namespace halfclosed
