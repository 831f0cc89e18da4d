#include "host/owner_label.h"

#include <fmt/format.h>

#include <cstddef>

#include "records/fnv1a.h"
#include "text/utf8.h"

namespace halfclosed::host {
namespace {

constexpr std::size_t kLongestName = 256;
constexpr std::size_t kLongestPath = 1'024;

std::string shortened(std::string text, std::string_view name, std::size_t most) {
    if (text.size() <= most) {
        return text;
    }
    const std::string ending = fmt::format("…{:016x}", fnv1a(name));
    std::size_t length = most - ending.size();
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0U) == 0x80U) {
        --length;  // inside a character
    }
    return text.substr(0, length) + ending;
}

}  // namespace

std::string bounded_name(std::string_view name) {
    return shortened(text::printable(name), name, kLongestName);
}

std::string bounded_path(std::string_view cgroup_path) {
    return shortened(std::string(cgroup_path), cgroup_path, kLongestPath);
}

}  // namespace halfclosed::host
