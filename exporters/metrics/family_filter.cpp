#include "exporters/metrics/family_filter.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "text/nearest.h"

namespace halfclosed::exporters {

namespace {

constexpr const char* kName = "name[]";

/// prometheus.io, data model: metric names.
bool is_metric_name(std::string_view text) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
    };
    const auto other = [letter](char c) { return letter(c) || (c >= '0' && c <= '9'); };
    return !text.empty() && letter(text.front()) && std::all_of(text.begin(), text.end(), other);
}

}  // namespace

FamilyFilter::FamilyFilter(const std::map<std::string, std::string>& query) {
    for (const auto& [key, value] : query) {
        if (key != kName) {
            throw std::invalid_argument("parameter " + text::not_one_of(key, "known", {kName}));
        }
        for (std::size_t start = 0; start <= value.size();) {
            const std::size_t end = std::min(value.find(',', start), value.size());
            names_.push_back(value.substr(start, end - start));
            if (!is_metric_name(names_.back())) {
                throw std::invalid_argument(std::string(kName) + ": '" + names_.back() +
                                            "' is not the name of a metric");
            }
            start = end + 1;
        }
    }
}

bool FamilyFilter::wants(const prometheus::MetricFamily& family) const {
    const auto is_of = [&family](const std::string& name) {
        if (name == family.name) {
            return true;
        }
        if (family.type == prometheus::MetricType::Counter) {
            return name + "_total" == family.name;
        }
        return family.type == prometheus::MetricType::Histogram &&
               (name == family.name + "_bucket" || name == family.name + "_sum" ||
                name == family.name + "_count");
    };
    return std::any_of(names_.begin(), names_.end(), is_of);
}

void FamilyFilter::apply(std::vector<prometheus::MetricFamily>& families) const {
    if (!names_.empty()) {
        std::erase_if(families, [this](const auto& family) { return !wants(family); });
    }
}

}  // namespace halfclosed::exporters
