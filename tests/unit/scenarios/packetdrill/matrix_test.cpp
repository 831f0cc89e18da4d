#include "scenarios/packetdrill/matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/packetdrill/result_json.h"

namespace halfclosed::scenarios::packetdrill {
namespace {

using testing::HasSubstr;

Seen seen(TcpState state) {
    return {state, tracking::Custody::process, std::nullopt};
}

Result result(const std::string& file) {
    Result result;
    result.file = file;
    result.steps = {{12,
                     "close()",
                     seen(TcpState::established),
                     seen(TcpState::fin_wait1),
                     {"FIN ACK"},
                     true,
                     true},
                    {14, "RST at RCV.NXT", seen(TcpState::fin_wait1), Seen{}, {}, true, true}};
    result.took = std::chrono::milliseconds{1500};
    return result;
}

TEST(PacketdrillMatrix, IsARowForEachStateEventAndOutcome) {
    Result failed = result("b.pkt");
    failed.outcome = Outcome::failed;
    failed.line = 14;
    failed.why = "expected > R 2:2(0), got nothing | at all";
    failed.steps[1].after = seen(TcpState::fin_wait1);
    failed.steps[1].passed = false;
    EXPECT_EQ(matrix({result("a.pkt"), failed}),
              "2 scripts: 1 passed, 1 failed, 0 not supported.\n\n"
              "| state | event | state after | the kernel sent | scripts | verdict |\n"
              "|---|---|---|---|---:|---|\n"
              "| ESTABLISHED | close() | FIN-WAIT-1 | FIN ACK | 2 | as the script says |\n"
              "| FIN-WAIT-1 | RST at RCV.NXT | CLOSE | nothing | 1 | as the script says |\n"
              "| FIN-WAIT-1 | RST at RCV.NXT | FIN-WAIT-1 | nothing | 1 | contradicted in 1 |\n"
              "\n| script | verdict | reason |\n|---|---|---|\n"
              "| b.pkt | failed | line 14: expected > R 2:2(0), got nothing \\| at all |\n");
}

TEST(PacketdrillResult, IsReadFromItsJsonAsItWas) {
    Result whole = result("a.pkt");
    whole.notes = {"a note"};
    whole.steps[0].before = {TcpState::close_wait, tracking::Custody::accept_queue,
                             tracking::Cause::not_accepted};
    EXPECT_EQ(parse_result(to_json(whole)), whole);
    whole.outcome = Outcome::not_supported;
    whole.line = 3;
    whole.why = "urgent data";
    EXPECT_EQ(parse_result(to_json(whole)), whole);
    EXPECT_EQ(reason(whole), "line 3: urgent data");
    EXPECT_THAT(to_json(whole), HasSubstr("\"schema\":\"halfclosed.packetdrill/1\""));
}

TEST(PacketdrillResult, IsNothingElse) {
    for (const char* const other : {"", "{}", "[1]", "{\"file\":1}"}) {
        EXPECT_THROW(parse_result(other), std::runtime_error) << other;
    }
}

}  // namespace
}  // namespace halfclosed::scenarios::packetdrill
