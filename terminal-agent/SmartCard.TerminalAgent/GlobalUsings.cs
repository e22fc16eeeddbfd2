// Three names mean one thing on the gRPC wire and another on the card's; unqualified, they are the card's.
global using BasketLine = SmartCard.Protocol.Transactions.BasketLine;
global using QuantityUnit = SmartCard.Protocol.Transactions.QuantityUnit;
global using SignedRecord = SmartCard.Protocol.Transactions.SignedRecord;
global using Wire = SmartCard.Protocol.Grpc.V1;
