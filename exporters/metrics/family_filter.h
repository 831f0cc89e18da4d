#pragma once

#include <prometheus/metric_family.h>

#include <map>
#include <string>
#include <vector>

namespace halfclosed::exporters {

/// The families that a scrape asks for: `/metrics?name[]=halfclosed_sockets&name[]=halfclosed_collector_success`, as
/// Prometheus' client libraries have it. Without a name: all of them.
class FamilyFilter {
 public:
    FamilyFilter() = default;

    /// The query of a request, decoded; several values of one key have commas between them. Throws
    /// std::invalid_argument for any other parameter, and for what can be no metric's name.
    explicit FamilyFilter(const std::map<std::string, std::string>& query);

    /// Leaves of `families` those that are asked for, by their names, without the "_total" of a counter, or by one of
    /// a histogram's samples ("_bucket", "_sum", "_count"). A name that none has leaves nothing.
    void apply(std::vector<prometheus::MetricFamily>& families) const;

 private:
    bool wants(const prometheus::MetricFamily& family) const;

    std::vector<std::string> names_;
};

}  // namespace halfclosed::exporters
