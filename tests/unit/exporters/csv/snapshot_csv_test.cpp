#include "exporters/csv/snapshot_csv.h"

#include <gtest/gtest.h>

#include "exporters/sample_snapshot.h"

namespace halfclosed::exporters {
namespace {

TEST(SnapshotCsv, ALineASocketUnderItsNames) {
    const Snapshot snapshot = busy_report();
    const std::string csv = sockets_csv(snapshot, listing(snapshot));
    EXPECT_TRUE(csv.starts_with(
        "cookie,family,local,remote,port,side,state,custody,cause,age_seconds,age,recv_queue,"
        "send_queue,uid,inode,expires_seconds,protocol,interface,dead,owner,unit,cgroup,processes,"
        "namespace,other_end_state,other_end_owner\n"
        "5f3a,ipv4,127.0.0.1:9999,127.0.0.1:64378,9999,server,close_wait,process,not_closed,"
        "252.000,observed,0,0,1000,4711,,tcp,,false,leaky.service,leaky.service,"
        "/system.slice/leaky.service,812,,,\n"))
        << csv;
    EXPECT_NE(csv.find("\n4,ipv4,127.0.0.1:9999,127.0.0.1:40004,9999,server,fin_wait2,timewait,,"
                       "12.000,estimated,0,0,,,48.000,tcp,,false,unknown,,,,,,\n"),
              std::string::npos)
        << csv;
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 6);
}

TEST(SnapshotCsv, NoSocketsAreTheNamesAlone) {
    const std::string csv = sockets_csv(quiet_report(), {});
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1);
}

TEST(SnapshotCsv, TextFromOutsideIsQuotedAndNoFormula) {
    Snapshot snapshot = busy_report();
    Owner& owner = snapshot.owners[Cookie{0x5f3a}];
    owner.name = "=HYPERLINK(\"http://x\",\"y\")";
    owner.unit = "a,b";
    owner.cgroup = "/\n\x1b[2J";
    const std::string csv = sockets_csv(snapshot, listing(snapshot));
    EXPECT_NE(csv.find(",\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",\"a,b\",/��[2J,"),
              std::string::npos)
        << csv;
}

TEST(SnapshotCsv, GroupsHaveTheirFigures) {
    const Snapshot snapshot = crowded_report();
    EXPECT_EQ(groups_csv(groups_of(snapshot, GroupBy::owner), GroupBy::owner),
              "owner,sockets,leaked,oldest_seconds,oldest,growth_per_hour,descriptors,"
              "descriptors_limit,seconds_left\n"
              "shop.service,1800,1800,3659.000,observed,1800.0,1800,2048,496\n"
              "docker:3f4e5d6c7b8a/nginx.service,100,100,70.000,observed,,,,\n"
              "unknown,100,0,70.000,observed,,,,\n");
}

}  // namespace
}  // namespace halfclosed::exporters
