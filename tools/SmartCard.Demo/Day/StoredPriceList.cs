using Google.Protobuf;
using Microsoft.Data.Sqlite;
using SmartCard.Demo.World;
using SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Demo.Day;

/// <summary>
/// The parameters that a closed terminal keeps in its folder, in the hands of somebody who can write there. A terminal believes its own disk: what it sells by a list that
/// was edited, the backend has to turn away.
/// </summary>
internal static class StoredPriceList
{
    /// <summary>Changes the prices and leaves the version as it is, so that the terminal takes the list for the current one.</summary>
    public static void Edit(DemoMerchant merchant, Action<ICollection<Price>> edit) => Rewrite(merchant, parameters => edit(parameters.Prices));

    /// <summary>The terminal fetches the published list when it is next opened.</summary>
    public static void Outdate(DemoMerchant merchant) => Rewrite(merchant, parameters => parameters.Version = "outdated");

    private static void Rewrite(DemoMerchant merchant, Action<GetParametersResponse> change)
    {
        var file = new SqliteConnectionStringBuilder { DataSource = Path.Combine(merchant.TerminalFolder, "terminal.db"), Pooling = false };
        using var connection = new SqliteConnection(file.ToString());
        connection.Open();
        using var read = connection.CreateCommand();
        read.CommandText = "select value from setting where name = 'parameters'";
        var parameters = GetParametersResponse.Parser.ParseFrom((byte[])read.ExecuteScalar()!);
        change(parameters);

        using var write = connection.CreateCommand();
        write.CommandText = "update setting set value = $value where name = 'parameters'";
        write.Parameters.AddWithValue("$value", parameters.ToByteArray());
        write.ExecuteNonQuery();
    }
}
