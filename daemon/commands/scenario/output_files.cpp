#include "commands/scenario/output_files.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "scenarios/diagram/svg_diagram.h"

namespace halfclosed {

namespace {

constexpr std::string_view kName = "%s";

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

[[noreturn]] void cannot_write(const std::string& path) {
    throw std::system_error(errno, std::generic_category(), path);
}

bool has_a_place_for_names(const std::string& svg) {
    std::error_code unknown;
    return svg.find(kName) != std::string::npos || svg.ends_with('/') ||
           std::filesystem::is_directory(svg, unknown);
}

/// Leaves what is there as it was, or nothing: an old picture is better than none, should the run not come to its end.
void check_writable(const std::string& path) {
    std::error_code unknown;
    const bool was_there = exists(std::filesystem::symlink_status(
        path, unknown));  // a link that leads nowhere is something too
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "abe"));
    if (!file) {
        cannot_write(path);
    }
    if (!was_there) {
        std::filesystem::remove(path, unknown);
    }
}

void write_file(const std::string& path, const std::string& text) {
    std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "wbe"));
    if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
        std::fclose(file.release()) != 0) {
        cannot_write(path);
    }
}

}  // namespace

std::string parse_file_name(const std::string& text) {
    if (text == "-") {
        throw std::invalid_argument("'-': standard output has the figures; name a file");
    }
    return text;
}

void check_svg(const std::string& svg, std::size_t count) {
    if (count > 1 && !svg.empty() && !has_a_place_for_names(svg)) {
        throw std::invalid_argument("'" + svg + "' is one file, and " + std::to_string(count) +
                                    " scenarios have a picture each: name a directory, or a file "
                                    "with %s for the scenario's name");
    }
}

std::string picture_path(const std::string& svg, const std::string& scenario) {
    std::string name = scenario;
    std::replace(name.begin(), name.end(), '/', '_');
    if (const std::size_t place = svg.find(kName); place != std::string::npos) {
        std::string path = svg;
        return path.replace(place, kName.size(), name);
    }
    return has_a_place_for_names(svg) ? (std::filesystem::path(svg) / (name + ".svg")).string()
                                      : svg;
}

StoryFiles::StoryFiles(StoryFileNames names,
                       const std::vector<const scenarios::Scenario*>& scenarios)
    : names_(std::move(names)) {
    if (!names_.svg.empty()) {
        for (const scenarios::Scenario* const scenario : scenarios) {
            check_writable(picture_path(names_.svg, scenario->name));
        }
    }
    if (!names_.pcap.empty()) {
        capture_.emplace(names_.pcap);
    }
}

void StoryFiles::add(const scenarios::Scenario& scenario, const scenarios::Trace& trace,
                     const scenarios::Verdict& verdict, std::chrono::seconds fin_timeout) {
    if (!names_.svg.empty()) {
        pictures_.push_back(picture_path(names_.svg, scenario.name));
        write_file(pictures_.back(), scenarios::picture(scenario, trace, verdict, fin_timeout));
    }
    if (capture_) {
        capture_->add(trace);
        packets_ += trace.packets.size();
    }
}

void StoryFiles::snapshot() const {
    for (const std::string& path : pictures_) {
        std::fprintf(stderr, "picture: %s\n", path.c_str());
    }
    if (capture_) {
        std::fprintf(stderr, "packets: %zu in %s\n", packets_, names_.pcap.c_str());
    }
}

}  // namespace halfclosed
