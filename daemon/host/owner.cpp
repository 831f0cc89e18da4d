#include "host/owner.h"

#include <algorithm>
#include <cstddef>

namespace halfclosed::host {
namespace {

constexpr std::size_t kIdLength = 64;
constexpr std::size_t kShortIdLength = 12;
constexpr std::string_view kScope = ".scope";

bool is_unit(std::string_view element) {
    for (const std::string_view suffix : {std::string_view(".service"), kScope}) {
        if (element.size() > suffix.size() && element.ends_with(suffix)) {
            return true;
        }
    }
    return false;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// The id of the container whose cgroup this is; empty for any other.
std::string_view container_id(std::string_view element) {
    if (element.ends_with(kScope)) {
        element.remove_suffix(kScope.size());
    }
    if (element.size() < kIdLength) {
        return {};
    }
    const std::string_view id = element.substr(element.size() - kIdLength);
    if (!std::all_of(id.begin(), id.end(), [](char c) { return hex_digit(c) >= 0; })) {
        return {};
    }
    const std::string_view prefix = element.substr(0, element.size() - kIdLength);
    if (!prefix.empty() && prefix.back() != '-' && prefix.back() != ':') {
        return {};
    }
    return prefix.ends_with("conmon-") ? std::string_view{} : id;
}

/// The name of the unit whose cgroup this is. systemd puts '_' before a name that could be taken
/// for one of the kernel's files (cg_escape), and "\x2d" for what '-' or '/' of a name would make
/// ambiguous (unit_name_escape).
std::string unit_name(std::string_view element) {
    if (element.starts_with('_')) {
        element.remove_prefix(1);
    }
    std::string name;
    while (!element.empty()) {
        if (element.size() >= 4 && element.starts_with("\\x")) {
            const int byte = hex_digit(element[2]) * 16 + hex_digit(element[3]);
            const bool hexadecimal = hex_digit(element[2]) >= 0 && hex_digit(element[3]) >= 0;
            // A control character stays as it is written: it must not reach a terminal.
            if (hexadecimal && byte >= ' ' && byte != 0x7f) {
                name += static_cast<char>(byte);
                element.remove_prefix(4);
                continue;
            }
        }
        name += element[0];
        element.remove_prefix(1);
    }
    return name;
}

}  // namespace

Owner owner_of(std::string_view cgroup_path) {
    Owner owner{.cgroup = std::string(cgroup_path), .unit = {}, .container = {}, .leaf = "/"};
    std::string_view rest = cgroup_path;
    while (!rest.empty()) {
        const std::string_view element = rest.substr(0, rest.find('/'));
        rest.remove_prefix(std::min(rest.size(), element.size() + 1));
        if (element.empty()) {
            continue;
        }
        owner.leaf = element;
        const std::string_view id = container_id(element);
        if (!id.empty()) {
            owner.container = id.substr(0, kShortIdLength);
            owner.unit.reset();
        }
        if (is_unit(element)) {
            owner.unit = unit_name(element);
        }
    }
    return owner;
}

}  // namespace halfclosed::host
